"""Changes that turn a policy document into another one: some keep its meaning, some widen or narrow it.

Each change takes (rng, document), edits the document in place and says whether it could be applied.
"""
import ipaddress

from .pair_statements import ACCOUNTS, AWAY, ENDPOINTS, HOME, KINDS, ROLES, VPCS


def listed(value):
    return value if isinstance(value, list) else [value]


def pick_statement(rng, doc, test=lambda s: True):
    found = [s for s in doc["Statement"] if test(s)]
    return rng.choice(found) if found else None


def conditions(doc):
    """(statement, operator, key) for each condition."""
    return [(s, o, k) for s in doc["Statement"] for o, keys in s.get("Condition", {}).items() for k in keys]


def pick_condition(rng, doc, test=lambda operator, key: True):
    found = [c for c in conditions(doc) if test(c[1], c[2])]
    return rng.choice(found) if found else (None, None, None)


def remove_condition(statement, operator, key):
    del statement["Condition"][operator][key]
    if not statement["Condition"][operator]:
        del statement["Condition"][operator]
    if not statement["Condition"]:
        del statement["Condition"]


def move_condition(statement, operator, key, new_operator, new_key=None, value=None):
    """Give a condition another operator, key or value; False when the place is taken."""
    new_key = new_key or key
    old = statement["Condition"][operator][key]
    taken = {k.lower() for k in statement["Condition"].get(new_operator, {})}
    if (new_operator, new_key.lower()) != (operator, key.lower()) and new_key.lower() in taken:
        return False
    remove_condition(statement, operator, key)
    statement.setdefault("Condition", {}).setdefault(new_operator, {})[new_key] = old if value is None else value
    return True


def slot(rng, doc, names, test=lambda text: True):
    """A place of a text in one of the elements: (statement, element, number of it in the list)."""
    found = [(s, n, i) for s in doc["Statement"] for n in names if n in s
             for i, text in enumerate(listed(s[n])) if test(text)]
    return rng.choice(found) if found else None


def put(place, texts):
    """Replace one text of a list by others."""
    statement, name, number = place
    items = listed(statement[name])
    items = items[:number] + texts + items[number + 1:]
    statement[name] = items if len(items) > 1 else items[0]


def at(place):
    return listed(place[0][place[1]])[place[2]]


ACTIONS, RESOURCES = ("Action", "NotAction"), ("Resource", "NotResource")


# Changes of actions and resources.

def star_action(rng, doc):
    place = slot(rng, doc, ACTIONS, lambda t: ":" in t and not t.endswith("*"))
    if not place:
        return False
    service, name = at(place).split(":", 1)
    put(place, [f"{service}:{name[:rng.randint(0, len(name))]}*"])
    return True


def narrow_action(rng, doc):
    place = slot(rng, doc, ACTIONS, lambda t: t.endswith("*") and ":" in t)
    if not place:
        return False
    put(place, [at(place)[:-1] + rng.choice(["Object", "Tags", "A*"])])
    return True


def add_action(rng, doc):
    place = slot(rng, doc, ACTIONS, lambda t: ":" in t)
    if not place:
        return False
    service = at(place).split(":")[0]
    put(place, [at(place), f"{service}:{rng.choice(['TagResource', 'Delete*', 'ListTags', 'Put*'])}"])
    return True


def drop_from_list(rng, doc):
    place = slot(rng, doc, ACTIONS + RESOURCES)
    if not place or len(listed(place[0][place[1]])) < 2:
        return False
    put(place, [])
    return True


def star_resource(rng, doc):
    place = slot(rng, doc, RESOURCES, lambda t: t != "*" and len(t) > 14)
    if not place:
        return False
    text = at(place)
    kind = rng.choice(["cut", "segment", "inner", "all"])
    if kind == "cut":
        end = text.index("${") if "${" in text else len(text)
        text = text[:rng.randint(14, end)] + "*"
    elif kind == "all":
        text = "*"
    else:
        parts = text.split(":", 5)
        numbers = [3, 4] if kind == "segment" else [5]
        number = rng.choice(numbers)
        tail = parts[number]
        parts[number] = "*" if kind == "segment" else tail.replace("/", "/*", 1)
        text = ":".join(parts)
    put(place, [text])
    return True


def narrow_resource(rng, doc):
    place = slot(rng, doc, RESOURCES, lambda t: t.endswith("*") and len(t) > 1)
    if not place:
        return False
    put(place, [at(place)[:-1] + rng.choice(["models/*", "a*", "2026", "?*"])])
    return True


def question_mark(rng, doc):
    place = slot(rng, doc, RESOURCES, lambda t: "-" in t.split(":")[-1])
    if not place:
        return False
    parts = at(place).split(":")
    parts[-1] = parts[-1].replace("-", "?", 1)
    put(place, [":".join(parts)])
    return True


def swap_variable(rng, doc):
    place = slot(rng, doc, RESOURCES, lambda t: "${" in t)
    if not place:
        return False
    text = at(place)
    start, end = text.index("${"), text.index("}") + 1
    name = text[start + 2:end - 1].split(",")[0]
    new = rng.choice(["*", f"${{{name}, 'shared'}}", "${aws:PrincipalTag/project}", f"${{{name.upper()}}}",
                      f"${{{name}}}/raw", "alice"])
    put(place, [text[:start] + new + text[end:]])
    return True


def old_version(rng, doc):
    doc["Version"] = "2008-10-17"
    return True


# Changes that keep the meaning.

def split_statement(rng, doc):
    place = slot(rng, doc, ("Action", "Resource"), lambda t: True)
    if not place or len(listed(place[0][place[1]])) < 2:
        return False
    statement, name, number = place
    twin = {**statement, name: at(place)}
    twin.pop("Sid", None)
    if "Condition" in statement:
        twin["Condition"] = {o: dict(keys) for o, keys in statement["Condition"].items()}
    put(place, [])
    doc["Statement"].append(twin)
    return True


def merge_statements(rng, doc):
    """Join two statements that differ in Action alone: the same meaning."""
    items = doc["Statement"]
    for i, first in enumerate(items):
        for second in items[i + 1:]:
            if "Action" not in first or "Action" not in second:
                continue
            rest = [{k: v for k, v in s.items() if k not in ("Action", "Sid")} for s in (first, second)]
            if rest[0] == rest[1]:
                first["Action"] = list(dict.fromkeys(listed(first["Action"]) + listed(second["Action"])))
                items.remove(second)
                return True
    return False


def shuffle(rng, doc):
    if len(doc["Statement"]) < 2:
        return False
    rng.shuffle(doc["Statement"])
    for statement in doc["Statement"]:
        for name in ACTIONS + RESOURCES:
            if isinstance(statement.get(name), list):
                rng.shuffle(statement[name])
    return True


def action_case(rng, doc):
    place = slot(rng, doc, ACTIONS, lambda t: t != "*")
    if not place:
        return False
    put(place, [rng.choice([str.lower, str.upper])(at(place))])
    return True


def key_case(rng, doc):
    statement, operator, key = pick_condition(rng, doc)
    if not statement:
        return False
    new = rng.choice([key.upper(), key.lower()])
    return move_condition(statement, operator, key, operator, new)


def resource_case(rng, doc):
    place = slot(rng, doc, RESOURCES, lambda t: t != "*" and t.split(":", 5)[-1].swapcase() != t.split(":", 5)[-1])
    if not place:
        return False
    parts = at(place).split(":", 5)
    parts[-1] = parts[-1] if "${" in parts[-1] else parts[-1].swapcase()
    put(place, [":".join(parts)])
    return True


def glob_cover(rng, doc):
    """`a*` as `a` and `a?*`: no single one covers it, both together do."""
    place = slot(rng, doc, ACTIONS + RESOURCES, lambda t: t.endswith("*") and len(t) > 1 and t[-2] not in ":*")
    if not place:
        return False
    put(place, [at(place)[:-1], at(place)[:-1] + "?*"])
    return True


def double_star(rng, doc):
    place = slot(rng, doc, ACTIONS + RESOURCES, lambda t: t.endswith("*"))
    if not place:
        return False
    put(place, [at(place) + "*"])
    return True


def redundant(rng, doc):
    """Add a narrower copy of a statement."""
    statement = pick_statement(rng, doc, lambda s: "Action" in s)
    if not statement:
        return False
    twin = {**statement, "Action": listed(statement["Action"])[0]}
    twin.pop("Sid", None)
    doc["Statement"].insert(rng.randint(0, len(doc["Statement"])), twin)
    return True


def as_list(rng, doc):
    statement, operator, key = pick_condition(rng, doc)
    if not statement:
        return False
    value = statement["Condition"][operator][key]
    if isinstance(value, list) and len(value) > 1:
        statement["Condition"][operator][key] = list(reversed(value))
    else:
        statement["Condition"][operator][key] = value[0] if isinstance(value, list) else [value]
    return True


SAME = {"StringEquals": "StringLike", "StringLike": "StringEquals", "ArnLike": "ArnEquals", "ArnEquals": "ArnLike",
        "ArnNotLike": "ArnNotEquals", "StringNotEquals": "StringNotLike", "ArnNotEquals": "ArnNotLike",
        "StringNotLike": "StringNotEquals"}


def swap_same_operator(rng, doc):
    """StringLike without wildcards for StringEquals, ArnEquals for ArnLike."""
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o in SAME)
    return bool(statement) and move_condition(statement, operator, key, SAME[operator])


def split_range(rng, doc):
    """One CIDR as its two halves."""
    statement, operator, key = pick_condition(rng, doc, lambda o, k: "IpAddress" in o)
    if not statement:
        return False
    items = listed(statement["Condition"][operator][key])
    number = rng.randrange(len(items))
    net = ipaddress.ip_network(items[number], strict=False)
    if net.prefixlen == net.max_prefixlen:
        items = items[:number] + [str(net)] + items[number + 1:]
    else:
        items = items[:number] + [str(n) for n in net.subnets()] + items[number + 1:]
    statement["Condition"][operator][key] = items
    return True


# Changes of conditions.

def drop_condition(rng, doc):
    statement, operator, key = pick_condition(rng, doc)
    if statement:
        remove_condition(statement, operator, key)
    return bool(statement)


def widen_value(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: "String" in o and "IgnoreCase" not in o)
    if not statement:
        return False
    old = listed(statement["Condition"][operator][key])
    number = rng.randrange(len(old))
    text = old[number]
    if "${" in text:
        return False
    wide = old[:number] + [text[:rng.randint(1, len(text))] + "*"] + old[number + 1:]
    return move_condition(statement, operator, key, operator.replace("Equals", "Like"), value=wide)


def change_values(rng, doc):
    """Add or drop one value of a list."""
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o not in ("Null", "Bool", "BoolIfExists"))
    if not statement or any(o in operator for o in ("Less", "Greater")):
        return False
    old = listed(statement["Condition"][operator][key])
    if len(old) > 1 and rng.random() < 0.5:
        new = [v for i, v in enumerate(old) if i != rng.randrange(len(old))] or old[:1]
    elif "IpAddress" in operator:
        new = old + ["198.51.100.128/25"]
    elif operator.startswith("Arn"):
        new = old + [f"arn:aws:iam::{AWAY}:role/*"]
    else:
        new = old + [rng.choice(["extra", rng.choice(ENDPOINTS), rng.choice(VPCS), "*"])]
    statement["Condition"][operator][key] = new
    return True


def if_exists(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o != "Null")
    if not statement:
        return False
    new = operator[:-8] if operator.endswith("IfExists") else operator + "IfExists"
    return move_condition(statement, operator, key, new)


def set_operator(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o.startswith("For"))
    if not statement:
        return False
    prefix, base = operator.split(":")
    other = "ForAnyValue" if prefix == "ForAllValues" else "ForAllValues"
    return move_condition(statement, operator, key, rng.choice([f"{other}:{base}", f"{other}:{base}", base]))


def ignore_case(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o in ("StringEquals", "StringNotEquals"))
    return bool(statement) and move_condition(statement, operator, key, operator + "IgnoreCase")


def null_test(rng, doc):
    """Add, flip or drop a Null test."""
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o == "Null")
    if statement and rng.random() < 0.6:
        if rng.random() < 0.5:
            remove_condition(statement, operator, key)
        else:
            flip = {"true": "false", "false": "true"}
            statement["Condition"][operator][key] = flip[str(listed(statement["Condition"][operator][key])[0])]
        return True
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o != "Null")
    if not statement or key in statement["Condition"].get("Null", {}):
        return False
    statement["Condition"].setdefault("Null", {})[key] = rng.choice(["false", "false", "true"])
    return True


def boundary_value(rng, doc):
    """Another number or date, or less for less-or-equal."""
    statement, operator, key = pick_condition(rng, doc, lambda o, k: "Less" in o or "Greater" in o)
    if not statement:
        return False
    if rng.random() < 0.5:
        tail = "IfExists" if operator.endswith("IfExists") else ""
        base = operator[:len(operator) - len(tail)]
        base = base[:-6] if base.endswith("Equals") else base + "Equals"
        return move_condition(statement, operator, key, base + tail)
    old = listed(statement["Condition"][operator][key])[0]
    if "Numeric" in operator:
        new = rng.choice([str(int(float(old)) + 1), str(float(old)), str(max(1, int(float(old)) // 2)), f"0{old}"])
    else:
        new = rng.choice(["2026-12-31T23:59:59Z", "2026-01-01T01:00:00+01:00", "1767225600", "2026-01-01"])
    statement["Condition"][operator][key] = new
    return True


def change_range(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: "IpAddress" in o)
    if not statement:
        return False
    items = list(listed(statement["Condition"][operator][key]))
    number = rng.randrange(len(items))
    net = ipaddress.ip_network(items[number], strict=False)
    length = min(net.max_prefixlen, max(0, net.prefixlen + rng.choice([-8, -1, 1, 4])))
    items[number] = rng.choice([f"{net.network_address}/{length}", "0.0.0.0/0", "::/0", "10.0.0.0/8"])
    statement["Condition"][operator][key] = items
    return True


def flip_bool(rng, doc):
    statement, operator, key = pick_condition(rng, doc, lambda o, k: o.startswith("Bool"))
    if not statement:
        return False
    value = statement["Condition"][operator][key]
    statement["Condition"][operator][key] = rng.choice([value == "true", "false" if value == "true" else "true"])
    return True


# Changes of whole statements and of principals.

def remove_deny(rng, doc):
    statement = pick_statement(rng, doc, lambda s: s["Effect"] == "Deny")
    if statement:
        doc["Statement"].remove(statement)
    return bool(statement)


def remove_allow(rng, doc):
    found = [s for s in doc["Statement"] if s["Effect"] == "Allow"]
    if len(found) < 2:
        return False
    doc["Statement"].remove(rng.choice(found))
    return True


def add_statement(rng, doc, kind):
    _, grants, denials = KINDS[kind]
    source = (denials if denials and rng.random() < 0.4 else grants) or denials
    doc["Statement"].insert(rng.randint(0, len(doc["Statement"])), rng.choice(source)(rng))
    return True


def change_principal(rng, doc):
    statement = pick_statement(rng, doc, lambda s: "Principal" in s)
    if not statement:
        return False
    value = statement["Principal"]
    if value == "*" or value == {"AWS": "*"}:
        statement["Principal"] = rng.choice(["*", {"AWS": "*"}, {"AWS": rng.choice(ACCOUNTS)}])
    elif "AWS" in value:
        names = listed(value["AWS"])
        account = next((a for a in ACCOUNTS if a in names[0]), HOME)
        statement["Principal"] = rng.choice([
            {"AWS": names + [f"arn:aws:iam::{HOME}:role/{rng.choice(ROLES)}"]}, {"AWS": names[0]},
            {"AWS": f"arn:aws:iam::{account}:root"}, {"AWS": account}, "*",
            {"AWS": names, "Service": "sagemaker.amazonaws.com"}])
    elif "Service" in value:
        names = listed(value["Service"])
        statement["Principal"] = {"Service": rng.choice([names + ["states.amazonaws.com"], names[0], names[::-1]])}
    else:
        return False
    return True


KEEPING = [split_statement, merge_statements, shuffle, action_case, key_case, glob_cover, double_star, redundant,
           as_list, swap_same_operator, split_range]
CHANGING = [star_action, narrow_action, add_action, drop_from_list, star_resource, narrow_resource, question_mark,
            swap_variable, resource_case, drop_condition, widen_value, change_values, if_exists, set_operator,
            ignore_case, null_test, boundary_value, change_range, flip_bool, remove_deny, remove_allow, add_statement,
            change_principal, old_version]
