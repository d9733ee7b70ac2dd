# Installs the pinned tools once into the user's cache folder, one folder a version, and puts
# them on PATH. Source it: `. scripts/toolchain.sh worker test …`, from the repository root.
#
# worker   the wasm target, wasm-bindgen, worker-build, and the npm tools (node, wrangler, workerd)
# test     wasm-pack
# sdks     the providers' own libraries, for the presets' tests
# runtimes Deno, Bun, TypeScript and Hono, for the npm package's tests
# python   a virtual environment with the interop tests' requirements
# chromium Debian's browser, where this user may install it; sets CHROMIUM, empty if there is none

set -eu

cache="${XDG_CACHE_HOME:-$HOME/.cache}/countersign"
mkdir -p "$cache"

wasm_bindgen_version=0.2.129
worker_build_version=0.8.7
wasm_pack_version=0.15.1

say() { printf 'setup: %s\n' "$*"; }

# One installer at a time: two clones may share the cache.
locked() {
  exec 9>"$cache/lock"
  if command -v flock >/dev/null; then flock 9; fi
  "$@" 9>&-
  exec 9>&-
}

cargo_tool() { # crate version
  local root="$cache/$1-$2"
  if [ ! -e "$root/complete" ]; then
    say "$1 $2 (compiled once, a few minutes)"
    cargo install --quiet --locked --root "$root" "$1@$2"
    touch "$root/complete"
  fi
  PATH="$root/bin:$PATH"
}

npm_packages() { # name folder [option of npm ci]
  local root
  root="$cache/$1-$(cksum <"$2/package-lock.json" | tr ' ' -)"
  if [ ! -e "$root/complete" ]; then
    say "npm packages of $2/package-lock.json"
    rm -rf "$root"
    mkdir -p "$root"
    cp "$2/package.json" "$2/package-lock.json" "$root/"
    npm --prefix "$root" ci --no-audit --no-fund --loglevel=error ${3:-}
    touch "$root/complete"
  fi
  if [ -e "$2/node_modules" ] && [ ! -L "$2/node_modules" ]; then rm -rf "$2/node_modules"; fi
  ln -sfn "$root/node_modules" "$2/node_modules"
}

python_environment() {
  local root
  root="$cache/python-$(cksum <tests/interop/django/requirements.txt | tr ' ' -)"
  if [ ! -e "$root/complete" ]; then
    say "Python packages of tests/interop/django/requirements.txt"
    rm -rf "$root"
    python3 -m venv "$root"
    "$root/bin/pip" install --quiet --disable-pip-version-check -r tests/interop/django/requirements.txt
    touch "$root/complete"
  fi
  PYTHON="$root/bin/python"
}

chromium_browser() {
  CHROMIUM=$(command -v chromium || true)
  if [ -z "$CHROMIUM" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "chromium"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >"$cache/chromium.log" 2>&1 ||
      say "chromium could not be installed: $cache/chromium.log"
    CHROMIUM=$(command -v chromium || true)
  fi
}

for part in "$@"; do
  case "$part" in
    worker)
      if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
        say "the wasm32-unknown-unknown target"
        rustup target add wasm32-unknown-unknown
      fi
      locked cargo_tool wasm-bindgen-cli "$wasm_bindgen_version"
      locked cargo_tool worker-build "$worker_build_version"
      locked npm_packages npm .
      PATH="$PWD/node_modules/.bin:$PATH"
      ;;
    test) locked cargo_tool wasm-pack "$wasm_pack_version" ;;
    sdks) locked npm_packages sdks tests/presets --ignore-scripts ;;
    runtimes) locked npm_packages runtimes tests/npm ;;
    python) locked python_environment ;;
    chromium) locked chromium_browser ;;
    *) say "unknown part $part" && exit 2 ;;
  esac
done

# worker-build would otherwise download its own copies.
WASM_BINDGEN_BIN="$cache/wasm-bindgen-cli-$wasm_bindgen_version/bin/wasm-bindgen"
WASM_OPT_BIN="$PWD/node_modules/.bin/wasm-opt"
ESBUILD_BIN="$PWD/node_modules/.bin/esbuild"
export PATH WASM_BINDGEN_BIN WASM_OPT_BIN ESBUILD_BIN PYTHON CHROMIUM
# What .cargo/config.toml sets, and no path of this machine in what is shipped.
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128 --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo --remap-path-prefix=$PWD=countersign"

# Neither is needed, and both go out to the network.
export WRANGLER_SEND_METRICS=false CLOUDFLARE_CF_FETCH_ENABLED=false
