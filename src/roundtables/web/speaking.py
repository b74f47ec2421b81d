"""
Templates in one language: every text is put in its place when the template is compiled, none is looked up later.

A page in English is then compiled to the very code it would be without any of this. `{% trans %}` is HTML of ours and
may hold names; `_("…")` is text, and is escaped. What Python says (texts.py) is said in the language when it is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension
from jinja2.visitor import NodeTransformer

from roundtables.texts import SOURCE, Catalogue, _, many, pgettext, spoken
from roundtables.web.languages import catalogue

PLACEHOLDER = "%("


class Speaking(Environment):
    """An environment whose templates speak `language`; its `catalogue` may be set after it is made."""

    def __init__(self, language: str, **more: Any) -> None:
        self.language = language
        self.catalogue: Catalogue = catalogue(language)
        finalize = None if language == SOURCE else self.said
        super().__init__(extensions=[Texts], finalize=finalize, **more)
        self.globals.update({"_": _, "many": many, "pgettext": pgettext, "language": language, "aloud": self.said})
        self.globals["below_200"] = below_200

    def said(self, words: Any) -> Any:
        """What is shown of a value: the words of this language, if Python said them in English."""
        return spoken(words, self.catalogue)

    def speaking(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act`, handed words of this language only; for what makes HTML of them."""
        if self.language == SOURCE:
            return act
        return lambda *args, **named: act(
            *map(self.said, args), **{name: self.said(one) for name, one in named.items()}
        )

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Constants(self.catalogue).visit(super()._parse(source, name, filename))
        return tree


class _Constants(NodeTransformer):
    """`_("Sign in")` becomes the words themselves."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        words = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if name not in ("_", "pgettext") or node.kwargs or len(words) != len(node.args):
            return node
        found = self.catalogue.gettext(*words) if name == "_" else self.catalogue.pgettext(*words)
        return nodes.Const(found, lineno=node.lineno)


class Texts(InternationalizationExtension):
    """`{% trans %}`, compiled to the words of the language with what stands between them."""

    environment: Speaking

    def _make_node(  # type: ignore[override]  # several nodes where there are several forms
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        *_: bool,
    ) -> nodes.Node:
        speaks = self.environment.catalogue
        if plural is None or plural_expr is None:
            words = speaks.pgettext(context, singular) if context else speaks.gettext(singular)
            return nodes.Output(list(_pieces(words, variables)))
        return _by_number(forms(speaks, singular, plural), plural_expr, variables)


def forms(speaks: Catalogue, singular: str, plural: str) -> list[tuple[list[int], str]]:
    """Each wording with the numbers below 200 that call for it; the commonest last."""
    found: dict[str, list[int]] = {}
    for number in range(200):
        found.setdefault(speaks.ngettext(singular, plural, number), []).append(number)
    return [(numbers, words) for words, numbers in sorted(found.items(), key=lambda one: len(one[1]))]


def below_200(number: int) -> int:
    """The number below 200 that takes the same form: beyond that only the last two digits count (CLDR plural rules)."""
    return number if number < 200 else 100 + number % 100


def _by_number(
    found: Sequence[tuple[list[int], str]], number: nodes.Expr, variables: dict[str, nodes.Expr]
) -> nodes.Node:
    """An `if` for each form but the last."""
    *rare, (_common, words) = found
    node: nodes.Node = nodes.Output(list(_pieces(words, variables)))
    for numbers, words in rare:
        which = nodes.List([nodes.Const(one) for one in numbers])
        small = number if numbers == [1] else nodes.Call(nodes.Name("below_200", "load"), [number], [], None, None)
        test = nodes.Compare(small, [nodes.Operand("in", which)])
        node = nodes.If(test, [nodes.Output(list(_pieces(words, variables)))], [], [node])
    return node


def _pieces(words: str, variables: dict[str, nodes.Expr]) -> Iterator[nodes.Expr]:
    """ "%(n)s of ours" → the expression n, then the text. Raises KeyError for a name the template has not."""
    text, *rest = words.split(PLACEHOLDER)
    yield nodes.TemplateData(text.replace("%%", "%"))
    for one in rest:
        name, _, text = one.partition(")s")
        yield variables[name]
        yield nodes.TemplateData(text.replace("%%", "%"))
