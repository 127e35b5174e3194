"""Elements of a page, built so that no text in them can be taken for markup."""

from xml.etree.ElementTree import Element

from graph.export.attributes import clean


def element(tag: str, *children: "Element | str | None", **attributes: str) -> Element:
    """An element with its children in order; ``class_`` stands for ``class``, an underscore for a hyphen."""
    made = Element(tag, {name.rstrip("_").replace("_", "-"): clean(value) for name, value in attributes.items()})
    for child in children:
        add(made, child)
    return made


def add(parent: Element, child: "Element | str | None") -> None:
    """Put an element or text behind what is there."""
    if child is None:
        return
    if isinstance(child, Element):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + clean(child)
    else:
        parent.text = (parent.text or "") + clean(child)
