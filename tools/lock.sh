#!/bin/sh
# Writes requirements/*.txt: every version and hash, for all platforms, without the address of an index.
set -eu
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=true

lock() { # to, from …
    to=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --output-file "requirements/$to" "$@" >/dev/null
}

pins() { sed -n 's/^\([a-z0-9][^ ]*==[^ ]*\).*/\1/p' "requirements/$1" | sort; }

lock base.txt pyproject.toml "$@"
lock dev.txt pyproject.toml --group dev "$@"
lock setup.txt requirements/setup.in --constraint requirements/dev.txt --no-annotate

pins dev.txt >.lock-dev
for other in base.txt setup.txt; do
    odd=$(pins "$other" | comm -23 - .lock-dev)
    [ -z "$odd" ] || { echo "lock: in $other, but not so in dev.txt: $odd" >&2; rm .lock-dev; exit 1; }
done
rm .lock-dev
! grep -nE '://' requirements/*.txt
