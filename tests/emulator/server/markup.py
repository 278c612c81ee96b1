"""XML replies as trees: read without namespaces, written back with the root's own."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

XMLNS = re.compile(r'\sxmlns="([^"]*)"')


def read(body: bytes) -> tuple[Element, str | None]:
    """The tree of a reply, and its default namespace."""
    text = body.decode("utf-8")
    found = XMLNS.search(text)
    return ElementTree.fromstring(XMLNS.sub("", text)), found.group(1) if found else None


def write(root: Element, namespace: str | None) -> bytes:
    """The bytes of a tree."""
    if namespace:
        root.set("xmlns", namespace)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def result(root: Element) -> Element:
    """The element that holds an answer's members: the `…Result` of query services, else the root."""
    for child in root:
        if child.tag.endswith("Result") and root.tag.endswith("Response"):
            return child
    return root
