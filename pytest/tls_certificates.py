"""Keys and certificates for the tests of TLS, made by the openssl command line; each as it is asked for."""

import functools
import pathlib
import subprocess

HOSTS = "IP:127.0.0.1,DNS:localhost"


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 0, f"openssl {arguments[0]}: {done.stderr}"


class Identity:
    """A private key and its certificate, as files."""

    def __init__(self, folder, name):
        self.key = pathlib.Path(folder) / f"{name}.key"
        self.certificate = pathlib.Path(folder) / f"{name}.pem"

    def __iter__(self):
        return iter(("--ssl-key", self.key, "--ssl-cert", self.certificate))


class Certificates:
    """Two authorities, of which peers trust the first, and who is certified by them."""

    def __init__(self, folder):
        self._folder = folder

    @functools.cached_property
    def authority(self):
        return self._make_authority("authority")

    @functools.cached_property
    def other_authority(self):
        return self._make_authority("other authority")

    @functools.cached_property
    def server(self):
        return self._certify("server", self.authority)

    @functools.cached_property
    def server_of_other_host(self):
        return self._certify("server of another host", self.authority, hosts="DNS:jitserver.example")

    @functools.cached_property
    def expired_server(self):
        return self._certify("expired server", self.authority, days=-1)

    @functools.cached_property
    def server_of_other_authority(self):
        return self._certify("server of another authority", self.other_authority)

    @functools.cached_property
    def client(self):
        return self._certify("client", self.authority)

    @functools.cached_property
    def client_of_other_authority(self):
        return self._certify("client of another authority", self.other_authority)

    def _make_authority(self, name):
        authority = Identity(self._folder, name.replace(" ", "_"))
        subject = ("-subj", f"/CN={name}")
        openssl("req", "-x509", *self._new_key(authority), "-out", authority.certificate, "-days", 2, *subject)
        return authority

    def _certify(self, name, authority, hosts=HOSTS, days=2):
        identity = Identity(self._folder, name.replace(" ", "_"))
        request = identity.key.with_suffix(".csr")
        subject = ("-subj", f"/CN={name}", "-addext", f"subjectAltName={hosts}")
        openssl("req", "-new", *self._new_key(identity), "-out", request, *subject)
        openssl(
            "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial",
            "-days", days, "-copy_extensions", "copy", "-out", identity.certificate,
        )  # fmt: skip
        return identity

    @staticmethod
    def _new_key(identity):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", identity.key)
