#!/bin/sh
# Makes .venv ready, from nothing but Python 3.11 or newer. A second run with the same lock does nothing.
#
#   tools/setup.sh demo    what the service needs
#   tools/setup.sh dev     and what tests, lint and types need
#   tools/setup.sh test    and PostgreSQL, a browser, mail servers and Node, from Debian where we may
#
# With CI=true anything missing is a failure; otherwise it is named and the tests that need it are skipped.
set -eu
cd "$(dirname "$0")/.."
level=${1:-demo}
here=$(pwd -P)
venv=.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=
export UV_SYSTEM_CERTS=true UV_NO_PROGRESS=true

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    say "installing $* with apt-get"
    [ -n "$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)" ] || apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >&2 ||
        { apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >&2; }
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$candidate" && return
    done
    die "Python 3.11 or newer is needed; set PYTHON to its path if it is not called python3"
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then # Debian keeps ensurepip in a package of its own
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        may_install || die "$python cannot make virtual environments: install $package (apt-get install $package)"
        apt_install "$package"
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
}

# Into the environment exactly what the lock says, each file checked against its hash. uv takes seconds, pip minutes.
install_locked() {
    "$venv/bin/uv" --version >/dev/null 2>&1 && "$venv/bin/hatchling" --version >/dev/null 2>&1 ||
        "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements/setup.txt
    if ! "$venv/bin/uv" pip sync --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes "$1" requirements/setup.txt; then
        say "uv could not; trying pip, which takes longer"
        "$venv/bin/python" -m pip install --quiet --require-hashes -r "$1"
    fi
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --offline --editable .
}

# What the environment was made from; the folder counts, for an environment does not survive being moved.
fingerprint() { { echo "$here"; cat requirements/*.txt pyproject.toml tools/setup.sh; } | cksum; }

is_ready() { # the full set serves for the smaller one
    for stamp in "$venv/.ready-$1" "$venv/.ready-dev"; do
        [ -x "$venv/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && return
    done
    return 1
}

python_packages() { # demo | dev
    is_ready "$1" && return
    "$venv/bin/python" -c 'import pip' 2>/dev/null || make_venv
    case $1 in demo) lock=requirements/base.txt ;; *) lock=requirements/dev.txt ;; esac
    say "installing $(grep -c == "$lock") Python packages into $venv"
    rm -f "$venv"/.ready-*
    install_locked "$lock"
    fingerprint >"$venv/.ready-$1"
}

has() {
    case $1 in
        postgresql) command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
        chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
        postfix) command -v postfix || [ -x /usr/sbin/postfix ] ;;
        dovecot-imapd) [ -x /usr/lib/dovecot/imap ] && { command -v dovecot || [ -x /usr/sbin/dovecot ]; } ;;
        nodejs) command -v node ;;
        npm) command -v npm ;;
    esac >/dev/null
}

missing_programs() { for name in postgresql chromium postfix dovecot-imapd nodejs npm; do has "$name" || printf '%s ' "$name"; done; }

quiet_postfix() { # its Debian default would listen to the whole network
    echo "postfix postfix/main_mailer_type select Local only" | debconf-set-selections 2>/dev/null || true
}

quiet_dovecot() { # and so would this one's; the tests start their own
    ! command -v systemctl >/dev/null || systemctl disable --now dovecot.service dovecot.socket >/dev/null 2>&1 || true
}

system_packages() {
    missing=$(missing_programs)
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086 # a list of words
    if may_install; then quiet_postfix && apt_install $missing || say "apt-get could not install all of them"; fi
    case " $missing" in *" dovecot-imapd "*) ! may_install || quiet_dovecot ;; esac
    missing=$(missing_programs)
    [ -z "$missing" ] || lacking "not installed: $missing"
}

node_packages() {
    has npm || return 0 # said already
    cmp -s tools/node/package-lock.json tests/node/package-lock.json && [ -d tests/node/node_modules/ical.js ] && return
    mkdir -p tests/node
    cp tools/node/package.json tests/node/
    { (cd tests/node && cp ../../tools/node/package-lock.json . && npm ci --silent --no-fund --no-audit) &&
        [ -d tests/node/node_modules/ical.js ]; } || { rm -rf tests/node; lacking "npm could not install ical.js"; }
}

lacking() {
    [ "${CI:-}" != true ] || die "$1"
    say "$1; the tests that need it are skipped"
}

case $level in
    demo) python_packages demo ;;
    dev) python_packages dev ;;
    test)
        python_packages dev
        system_packages
        node_packages
        ;;
    *) die "say demo, dev or test" ;;
esac
