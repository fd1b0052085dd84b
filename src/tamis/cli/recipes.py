"""`tamis recipes`."""

from __future__ import annotations

from typing import Annotated

import typer

from tamis.cli import options as o


def recipes(
    name: Annotated[str | None, typer.Argument(help="A recipe, or a TOML file, to show.", show_default=False)] = None,
    as_json: o.AsJson = False,
) -> None:
    """List the built-in recipes, or show the rules of one.

    Example:
    tamis recipes default
    """
    from tamis.cli.progress import announce_compilation

    announce_compilation(quiet=False)
    from tamis.recipe import built_in, load
    from tamis.reports.catalogue import recipe_list, rule_list

    if name is None:
        o.show(recipe_list, built_in(), as_json=as_json, quiet=False)
        return
    recipe = load(name)
    facts = {
        "name": recipe.name,
        "description": recipe.description,
        "keep": recipe.keep,
        "signals": list(recipe.signals),
        "rules": [
            {"rule": r.name, "action": r.action, "condition": r.condition, "what": r.what}
            for r in recipe.rules.values()
        ],
    }
    o.show(rule_list, facts, as_json=as_json, quiet=False)
