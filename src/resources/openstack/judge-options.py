"""Whether a service of OpenStack would understand a file that it is to be given: every option and each plain value.

Debian's packages bring a file with every option of their service and its libraries, the kind of its value and its former
names, as oslo-config-generator writes it. To ask the service itself takes seconds of a processor; this takes none.
What a plugin of somebody else's adds is found among the options that installed packages declare, which is only asked
where something is not in that file.

Arguments: path of the file on the host, path of the package's own. The file is read below $TREE.
"""

import importlib.metadata
import os
import re
import sys
from difflib import get_close_matches
from typing import Dict, List, NamedTuple, Set, Tuple

Name = Tuple[str, str]


class Option(NamedTuple):
    """What is known of an option."""

    kind: str
    least: float
    most: float


class Setting(NamedTuple):
    """What a file says of an option."""

    name: Name
    value: str
    line: int


def main() -> int:
    path, declared_in = sys.argv[1:3]
    if not os.path.exists(declared_in):
        return 0
    options = declared(declared_in)
    found = settings_of(os.environ["TREE"] + path)
    strange = [setting for setting in found if setting.name not in options]
    open_groups = groups_named_by_values(found)
    strange = [
        setting
        for setting in strange
        if not named(setting.name[0], open_groups) and setting.name[1] not in login_options(setting.name[0], found)
    ]
    # Libraries first: they are loaded in a tenth of the time.
    for of_packages in ("oslo.", ""):
        if strange:
            others = declared_by_packages(of_packages)
            strange = [setting for setting in strange if setting.name not in others]
    complaints = [(each.line, stranger(each, options)) for each in strange]
    last = {each.name: each for each in found}
    for each in found:
        option = options.get(each.name)
        if option and (last[each.name] is each or option.kind == "list"):
            fault = fault_in(each.value, option)
            if fault:
                complaints.append((each.line, f"[{each.name[0]}] {each.name[1]}: {fault}"))
    for line, words in sorted(complaints):
        print(f"{path}:{line}: {words}", file=sys.stderr)
    return 1 if complaints else 0


def group_name(name: str) -> str:
    """oslo.config takes every group but DEFAULT in lower case."""
    return name if name == "DEFAULT" else name.lower()


def option_name(name: str) -> str:
    return name.strip().replace("-", "_")


def declared(path: str) -> Dict[Name, Option]:
    """Options by name, from a file whose lines say `#name = default` below what they say of its kind."""
    found: Dict[Name, Option] = {}
    group = "DEFAULT"
    about: List[str] = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            head = re.match(r"\[(.+)\]\s*$", line)
            set_here = re.match(r"#?([A-Za-z][\w-]*) ?=", line)
            if head:
                group = group_name(head[1])
                about = []
            elif set_here:
                option = kind_told(about)
                found[group, option_name(set_here[1])] = option
                for former in re.findall(r"(?m)^# Deprecated group/name - \[([^\]]+)\]/(\S+)", "\n".join(about)):
                    found.setdefault((group_name(former[0]), option_name(former[1])), option)
                about = []
            elif line.strip():
                about.append(line.rstrip())
    return found


def kind_told(about: List[str]) -> Option:
    text = "\n".join(about)
    kinds = re.findall(r"\((boolean|integer|floating point|port|list) value\)$", text, re.MULTILINE)
    least = re.findall(r"(?m)^# Minimum value: (-?[\d.]+)$", text)
    most = re.findall(r"(?m)^# Maximum value: (-?[\d.]+)$", text)
    return Option(
        kinds[-1] if kinds else "text",
        float(least[-1]) if least else float("-inf"),
        float(most[-1]) if most else float("inf"),
    )


def settings_of(path: str) -> List[Setting]:
    found: List[Setting] = []
    group = "DEFAULT"
    goes_on = False
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.rstrip()
            if text[:1] in " \t" and text.strip() and goes_on:
                last = found.pop()
                found.append(last._replace(value=last.value + "\n" + text.strip()))
                continue
            goes_on = False
            if not text or text[0] in "#;":
                continue
            if text[0] == "[":
                group = group_name(text.strip("[]"))
                continue
            name, _, value = text.partition("=")
            if name.find(":") >= 0:
                name, _, value = text.partition(":")
            found.append(Setting((group, option_name(name)), value.strip(), number))
            goes_on = True
    return found


def groups_named_by_values(found: List[Setting]) -> Set[str]:
    """Stores, login methods and drivers have groups that are called as some value calls them."""
    return {word.lower() for each in found for word in re.findall(r"[\w-]+", each.value)}


def named(group: str, words: Set[str]) -> bool:
    return group in words or group.rsplit("_", 1)[-1] in words and "_" in group


def declared_by_packages(beginning: str) -> Set[Name]:
    """What packages of this host declare, by how their entries are called: what the generator is told by a plugin."""
    found: Set[Name] = set()
    for entry in importlib.metadata.entry_points(group="oslo.config.opts"):
        if not entry.name.startswith(beginning):
            continue
        try:
            for group, options in entry.load()():
                name = group_name(str(getattr(group, "name", group) or "DEFAULT"))
                for option in options:
                    formers = [(former.group or name, former.name) for former in option.deprecated_opts]
                    found.update((group_name(at), option_name(each)) for at, each in formers if each)
                    found.update({(name, option_name(option.name)), (name, option.dest)})
        except Exception:
            # A package that can't say what it takes here is not what is judged.
            continue
    return found


def login_options(group: str, found: List[Setting]) -> Set[str]:
    """How a service signs in is said by a plugin, which the group names."""
    plugin = [each.value for each in found if each.name == (group, "auth_type")]
    if not plugin:
        return set()
    try:
        from keystoneauth1 import loading
    except ImportError:
        return set()
    options = [
        *loading.get_plugin_options(plugin[-1]),
        *loading.get_auth_common_conf_options(),
        *loading.get_session_conf_options(),
        *loading.get_adapter_conf_options(),
    ]
    names = {option_name(str(getattr(option, "dest", ""))) for option in options}
    return names | {option_name(str(option.name)) for option in options} | {
        option_name(former.name) for option in options for former in getattr(option, "deprecated", [])
    }


def stranger(setting: Setting, options: Dict[Name, Option]) -> str:
    group, name = setting.name
    groups = {each for each, _ in options}
    if group not in groups:
        return f"there is no group [{group}]" + meant(group, groups, "[{}]")
    own = {each for at, each in options if at == group}
    return f"[{group}] has no option {name}" + meant(name, own, "{}")


def meant(word: str, known: Set[str], shape: str) -> str:
    close = get_close_matches(word, known, 1, 0.75)
    return f"; did you mean {shape.format(close[0])}?" if close else ""


def fault_in(value: str, option: Option) -> str:
    """What is wrong with a value; nothing where it is filled in from other options."""
    text = value.strip("\"'")
    if "$" in text or not text:
        return ""
    if option.kind == "boolean":
        known = ("true", "1", "on", "yes", "false", "0", "off", "no")
        return "" if text.lower() in known else f"{text} is neither true nor false"
    if option.kind in ("integer", "port", "floating point"):
        return fault_in_number(text, option)
    return ""


def fault_in_number(text: str, option: Option) -> str:
    try:
        number = float(text) if option.kind == "floating point" else int(text)
    except ValueError:
        return f"{text} is not a number" if option.kind == "floating point" else f"{text} is not a whole number"
    least, most = (0, 65535) if option.kind == "port" else (option.least, option.most)
    if number < least:
        return f"{text} is less than {least:g}"
    if number > most:
        return f"{text} is more than {most:g}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
