"""What the generated type stubs use of protobuf's runtime, and the programs of its messages. Debian 12 has no types for
it: python3-typeshed lost these to another package that is called google, too."""
