"""Names each public declaration that has no comment and needs one, from the XML that Doxygen wrote.

usage: undocumented.py <folder of the XML>

Needs a comment: every class, struct, union, enumeration and namespace-level type, constant and function; every public
member function. Needs none, because name and type say it, or because it is said elsewhere:

- constructors, destructors, assignment and operators: what they do is the class's comment, or the language's;
- a const member function without parameters: it is a property, named by a noun, and changes nothing;
- what stands under another's comment, with no blank line between: the comment is for the whole paragraph;
- what overrides a documented function, and overloads beside a documented one;
- specialisations of a template, which are documented where the template is;
- fields, enumerators, member constants and types inside a class: their names carry the unit, and a comment stands there
  where it is not enough.

Doxygen's own WARN_IF_UNDOCUMENTED knows no such rules; obeyed, it would fill the headers with "the port: the port".
"""

import functools
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def has_words(element):
    return any("".join(part.itertext()).strip()
               for name in ("briefdescription", "detaileddescription", "inbodydescription")
               for part in element.findall(name))


def is_special(member, class_name):
    name = member.findtext("name")
    return (name.startswith(("operator", "~")) or name == class_name
            or member.findtext("argsstring", "").rstrip().endswith(("=delete", "=default")))


def is_property(member):
    return member.get("const") == "yes" and member.find("param") is None


@functools.cache
def lines_of(file):
    return pathlib.Path(file).read_text(encoding="utf-8").splitlines()


def is_under_a_comment(file, line):
    """Whether a comment begins the lines, up to this one, that have no blank line between them."""
    lines = lines_of(file)
    depth = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    for above in reversed(lines[:line - 1]):
        if not above.strip() or len(above) - len(above.lstrip()) < depth:
            return False
        if above[depth:].startswith("///"):
            return True
    return False


def needs_comment(member, in_class, class_name):
    kind = member.get("kind")
    if kind == "enum":
        return True
    if kind in ("typedef", "variable"):
        return not in_class
    if kind != "function":
        return False
    if is_special(member, class_name) or (in_class and is_property(member)):
        return False
    return member.find("reimplements") is None and not member.findtext("argsstring", "").endswith("override")


def place(element):
    location = element.find("location")
    return location.get("file"), int(location.get("line"))


def undocumented_members(compound):
    """(file, line, text) of each member of a class or namespace that lacks its comment."""
    in_class = compound.get("kind") != "namespace"
    class_name = compound.findtext("compoundname").split("::")[-1]
    members = [member for member in compound.iter("memberdef") if member.get("prot") == "public"]
    documented = {member.findtext("name") for member in members if has_words(member)}
    for member in members:
        name = member.findtext("name")
        if name in documented or is_under_a_comment(*place(member)):
            continue
        if needs_comment(member, in_class, class_name):
            yield (*place(member), f"{member.get('kind')} {name}{member.findtext('argsstring') or ''}")


def undocumented(xml_folder):
    found = set()
    for path in sorted(pathlib.Path(xml_folder).glob("*.xml")):
        if path.name.startswith(("class", "struct", "union", "namespace")):
            compound = ElementTree.parse(path).getroot().find("compounddef")
            if "<" in compound.findtext("compoundname"):
                continue
            if compound.get("kind") != "namespace" and compound.get("prot") == "public" and not has_words(compound):
                found.add((*place(compound), f"{compound.get('kind')} {compound.findtext('compoundname')}"))
            if compound.get("prot", "public") == "public":
                found.update(undocumented_members(compound))
    return sorted(found)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: undocumented.py <folder of Doxygen's XML>")
    if not (pathlib.Path(sys.argv[1]) / "index.xml").is_file():
        sys.exit(f"undocumented.py: {sys.argv[1]}: no XML of Doxygen there (index.xml)")
    found = undocumented(sys.argv[1])
    for file, line, text in found:
        print(f"{file}:{line}: no comment: {text}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
