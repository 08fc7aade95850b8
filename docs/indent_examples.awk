# What Doxygen reads instead of a header. In a comment of the house an example stands two columns further right than
# the words around it, behind an empty line; Markdown wants four more. The numbers of the lines stay.
/^ *\/\/\/   +[^ ]/ && (inside || previous ~ /^ *\/\/\/ *$/) {
  inside = 1
  previous = $0
  sub(/\/\/\//, "///    ")
  print
  next
}
{ inside = 0; previous = $0; print }
