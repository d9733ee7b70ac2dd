.PHONY: bench bench-instructions bench-native bench-strangers build dev npm page playground size soak test

# The deployable Worker in build/.
build:
	@scripts/build-worker.sh

# The gate in workerd, in front of a demo origin.
dev:
	@scripts/dev.sh

# The npm package: build-npm/countersign.tgz.
npm:
	@scripts/build-npm.sh

# The playground of www/, ready to be served.
page:
	@scripts/build-page.sh

# The playground on localhost:8788.
playground:
	@scripts/playground.sh

# The gate beside what a user would write instead: bench/README.md.
bench: build
	@scripts/bench.sh

# The same in instructions a request, on a machine that is too noisy for times.
bench-instructions: build
	@scripts/bench-instructions.sh

# What requests without a right signature cost, scheme by scheme.
bench-strangers:
	@scripts/bench-strangers.sh

# The core's own times beside OpenSSL's and Python's.
bench-native:
	@cargo bench --locked --bench gate
	@cargo bench --locked --bench gate -- verify | python3 bench/native/compare.py
	@scripts/instructions.sh

# What the Worker weighs, by part.
size:
	@NAMES=1 scripts/build-worker.sh
	@node_modules/.bin/node bench/size.mjs
	@scripts/build-worker.sh

# Every test.
test:
	@scripts/test.sh

# The load tests of replay protection with twenty times the requests: some minutes.
soak: build
	@scripts/soak.sh
