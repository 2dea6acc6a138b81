#!/usr/bin/python3 -B
"""usage: check_api.py MADE_FOLDER

What the SDK uses of Android and of Java's library, against Android's own list of it: the npm
package @nativescript/types-android. MADE_FOLDER is build-aar's: classes/ of the SDK, stubs/ it was
compiled against. 77 (skipped) without the package.
"""
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = os.path.join(HERE, "node_modules/@nativescript/types-android/lib/android",
                     "android-platform-21-37-merged.d.ts")
MIN_SDK = 23
# Newer than minSdk: each is used behind a look at Build.VERSION.SDK_INT.
GUARDED = {
    "android.security.keystore.KeyGenParameterSpec.Builder.setAttestationChallenge": 24,
    "android.security.keystore.KeyGenParameterSpec.Builder.setIsStrongBoxBacked": 28,
    "android.os.VibrationEffect.createOneShot": 26,
    "android.os.Vibrator.vibrate": 26,
}
# Of lambdas: Android's builds replace them.
DESUGARED = "java.lang.invoke."
PRIMITIVES = {"B": "number", "S": "number", "I": "number", "J": "number", "F": "number",
              "D": "number", "Z": "boolean", "C": "string", "V": "void"}
PLAIN = {"java.lang.String": "string", "java.lang.CharSequence": "string",
         "java.lang.Object": "any"}
STATIC, PUBLIC, PROTECTED = 8, 1, 4


class Library:
    """Classes by full name, as the package tells them."""

    def __init__(self, path):
        self.parents, self.since, self.members = {}, {}, {}
        scope, since = [], 1
        with open(path, encoding="utf-8") as file:
            for raw in file:
                line = raw.strip()
                found = re.match(r"(?:\*|/\*\*) +@since (\d+)", line)
                if found:
                    since = int(found.group(1))
                    continue
                if line.startswith(("/*", "*")):
                    continue
                self.read(line, scope, since)
                since = 1

    def read(self, line, scope, since):
        module = re.match(r"(?:declare|export) module ([\w.]+) \{", line)
        named = re.match(r"export (?:abstract )?(?:class|interface) (\w+)(.*)\{", line)
        if module:
            scope.append(module.group(1))
        elif named:
            scope.append(named.group(1))
            name = ".".join(scope)
            self.since[name] = since
            self.parents[name] = re.findall(r"[a-z][\w.]*\.[A-Z][\w.]*", named.group(2))
            self.members[name] = []
        else:
            member = re.match(r"(?:public|protected) (static )?([\w$]+)(.*)", line)
            if member and ".".join(scope) in self.members:
                self.members[".".join(scope)].append(
                    (member.group(2), bool(member.group(1)), member.group(3), since))
            if line.endswith("{"):
                scope.append("")
            elif line.startswith("}") and scope:
                scope.pop()

    def find(self, owner, name, is_static, descriptor):
        """Least version of a member of the class or of what it inherits from; None for none."""
        if owner not in self.members:
            return None
        for other, static, rest, since in self.members[owner]:
            if other == name and static == is_static and same_shape(rest, descriptor):
                return max(since, self.since[owner])
        if name == "constructor":
            return None
        for parent in [*self.parents[owner], "java.lang.Object"]:
            since = self.find(parent, name, is_static, descriptor) if parent != owner else None
            if since is not None:
                return since
        return None

    def literal(self, owner, name):
        """A constant's value as it is written; None where the package has only its type."""
        for other, _, rest, _ in self.members[owner]:
            found = re.match(r': ("[^"]*"|-?\d+);', rest) if other == name else None
            if found:
                return found.group(1)
        return None


def plain_type(text):
    """Without type arguments and null."""
    text = text.replace("androidNative.Array<", "[").replace(" | null", "")
    while "<" in text:
        text = re.sub(r"<[^<>]*>", "", text)
    text = text.replace(">", "").strip()
    base = text.lstrip("[")
    return "[" * (len(text) - len(base)) + PLAIN.get(base, base)


def split_types(text):
    """At the commas outside of type arguments."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.split(": ", 1)[1] for part in parts if part.strip()]


def java_types(descriptor):
    """Parameters and result of a method, or a field's type last, as the package writes them."""
    types = []
    for arrays, name, letter in re.findall(r"(\[*)(?:L([^;]+);|([BSIJFDZCV]))", descriptor):
        base = name.replace("/", ".").replace("$", ".") if name else PRIMITIVES[letter]
        types.append("[" * len(arrays) + PLAIN.get(base, base))
    return types


def fits(told, wanted):
    """A type variable is any thing of the package's, and an object after compilation."""
    while told.startswith("[") and wanted.startswith("["):
        told, wanted = told[1:], wanted[1:]
    return told == wanted or "any" in (told, wanted) or re.fullmatch(r"[A-Z]", told)


def same_shape(rest, descriptor):
    wanted = java_types(descriptor)
    if not descriptor.startswith("("):
        literal = re.match(r': ("|-?\d)', rest)
        return rest.startswith(":") and bool(
            literal or fits(plain_type(rest[2:].rstrip(";")), wanted[-1]))
    found = re.match(r"(?:<[^(]*>)?\((.*)\)(?:: (.*))?;$", rest)
    if not found:
        return False
    told = [plain_type(part) for part in split_types(found.group(1))]
    told.append(plain_type(found.group(2) or "void"))
    return len(told) == len(wanted) and all(map(fits, told, wanted))


class ClassFile:
    """What a class file says of itself (JVM specification, chapter 4)."""

    SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4,
             18: 4}

    def __init__(self, content):
        magic, _, self.version, count = struct.unpack_from(">IHHH", content)
        assert magic == 0xCAFEBABE
        self.content, self.at, self.pool = content, 10, {}
        index = 1
        while index < count:
            index += self.constant(index)
        access, this, _, interfaces = self.take(">HHHH")
        self.name = self.class_name(this)
        self.is_public = bool(access & PUBLIC)
        self.at += 2 * interfaces
        self.fields, self.methods = self.declared(), self.declared()

    def take(self, shape):
        values = struct.unpack_from(shape, self.content, self.at)
        self.at += struct.calcsize(shape)
        return values

    def constant(self, index):
        """Places in the pool that it takes."""
        [tag] = self.take(">B")
        if tag == 1:
            [size] = self.take(">H")
            self.pool[index] = self.content[self.at:self.at + size].decode("utf-8", "replace")
            self.at += size
            return 1
        body = self.content[self.at:self.at + self.SIZES[tag]]
        self.at += len(body)
        self.pool[index] = (tag, body)
        return 2 if tag in (5, 6) else 1

    def class_name(self, index):
        return self.pool[struct.unpack(">H", self.pool[index][1])[0]].replace("/", ".")

    def declared(self):
        """(name, descriptor, access, constant) of fields or methods."""
        members = []
        for _ in range(self.take(">H")[0]):
            access, name, descriptor, attributes = self.take(">HHHH")
            constant = None
            for _ in range(attributes):
                label, size = self.take(">HI")
                if self.pool[label] == "ConstantValue":
                    constant = self.value(struct.unpack_from(">H", self.content, self.at)[0])
                self.at += size
            members.append((self.pool[name], self.pool[descriptor], access, constant))
        return members

    def value(self, index):
        """An int or a string, as the package writes it."""
        tag, body = self.pool[index]
        if tag == 3:
            return str(struct.unpack(">i", body)[0])
        return f'"{self.pool[struct.unpack(">H", body)[0]]}"' if tag == 8 else None

    def references(self):
        """(class, member, descriptor) of every field and method that it uses."""
        for entry in list(self.pool.values()):
            if isinstance(entry, tuple) and entry[0] in (9, 10, 11):
                owner, described = struct.unpack(">HH", entry[1])
                name, descriptor = struct.unpack(">HH", self.pool[described][1])
                yield self.class_name(owner), self.pool[name], self.pool[descriptor]


def read_classes(folder):
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".class"):
                with open(os.path.join(place, name), "rb") as file:
                    yield ClassFile(file.read())


def check_stubs(library, folder, complain):
    """Every declaration that the SDK was compiled against must be Android's."""
    checked = 0
    for stub in read_classes(folder):
        owner = stub.name.replace("$", ".")
        if owner not in library.members:
            complain(f"{owner}: no such class")
            continue
        for name, descriptor, access, constant in stub.fields + stub.methods:
            if not access & (PUBLIC | PROTECTED) or name == "<clinit>":
                continue
            # A constructor without arguments is what javac adds.
            if name == "<init>" and descriptor == "()V":
                continue
            checked += 1
            member = "constructor" if name == "<init>" else name
            if library.find(owner, member, bool(access & STATIC), descriptor) is None:
                complain(f"{owner}.{member}{descriptor}: no such member")
            elif constant is not None and library.literal(owner, name) not in (None, constant):
                complain(f"{owner}.{name} is {library.literal(owner, name)}, not {constant}")
    return checked


def version_of(library, owner, name, descriptor):
    member = "constructor" if name == "<init>" else name
    found = [library.find(owner, member, static, descriptor) for static in (False, True)]
    return min((since for since in found if since is not None), default=None)


def check_use(library, folder, complain):
    """Everything that is called must be there from minSdk on, or be guarded."""
    checked, guarded = set(), set()
    for used in read_classes(folder):
        for owner, name, descriptor in used.references():
            owner = owner.replace("$", ".")
            if owner.startswith((DESUGARED, "[", "org.imi.")) or (owner, name) in checked:
                continue
            checked.add((owner, name, descriptor))
            since = version_of(library, owner, name, descriptor)
            if since is None:
                complain(f"{used.name} uses {owner}.{name}{descriptor}, which is not there")
            elif since > MIN_SDK and GUARDED.get(f"{owner}.{name}") == since:
                guarded.add(f"{owner}.{name}")
            elif since > MIN_SDK:
                complain(f"{used.name} uses {owner}.{name}, which came with API {since}")
    for name in set(GUARDED) - guarded:
        complain(f"{name} is said to be guarded and is not used")
    return len(checked)


def main(made):
    if not os.path.exists(TYPES):
        print("skipped: run tools/setup-tests first")
        return 77
    problems = []
    library = Library(TYPES)
    stubs = check_stubs(library, os.path.join(made, "stubs"), problems.append)
    used = check_use(library, os.path.join(made, "classes"), problems.append)
    print("\n".join(sorted(set(problems))))
    print(f"{stubs} declarations and {used} uses, {len(problems)} problems")
    return 1 if problems or stubs < 100 or used < 100 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
