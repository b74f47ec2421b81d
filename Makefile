# make demo   the whole service with a sample story, at http://127.0.0.1:8000
# make test   every test, on SQLite and PostgreSQL
# make check  format, lint, types
# make bench  the measurements of bench/
# make words  how well worded answers are read: ARGS=replies.jsonl --all
# make second-reader  what it is worth, from the labelled replies; ARGS=--keep writes its weights anew
# make texts  src/roundtables/locale from the texts of templates and modules
# make permissions  docs/permissions.md from the doors
# make lock   requirements/*.txt from pyproject.toml; UPGRADE=1 takes newer versions
.PHONY: demo test check bench words second-reader texts permissions lock setup clean
SHELL := /bin/sh

demo:
	@tools/setup.sh demo
	.venv/bin/roundtables demo

test:
	@tools/setup.sh test
	.venv/bin/pytest $(ARGS)

check:
	@tools/setup.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench:
	@tools/setup.sh dev
	.venv/bin/python -m bench $(ARGS)

words:
	@tools/setup.sh dev
	.venv/bin/python -m bench.words $(ARGS)

second-reader:
	@tools/setup.sh dev
	.venv/bin/python -m bench.second_reader $(ARGS)

texts:
	@tools/setup.sh dev
	.venv/bin/python tools/texts.py

permissions:
	@tools/setup.sh dev
	.venv/bin/python tools/permissions.py

lock:
	@tools/setup.sh dev
	tools/lock.sh $(if $(UPGRADE),--upgrade)

setup:
	@tools/setup.sh test

clean:
	rm -rf .venv tests/node .mypy_cache .pytest_cache .ruff_cache .hypothesis
