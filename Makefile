.PHONY: bench build dev page soak test

# The deployable Worker in build/.
build:
	@scripts/build-worker.sh

# The gate in workerd, in front of a demo origin.
dev:
	@scripts/dev.sh

# The page of www/, ready to be served.
page:
	@scripts/build-page.sh

# The gate beside what a user would write instead: bench/README.md.
bench: build
	@scripts/bench.sh

# Every test.
test:
	@scripts/test.sh

# The load tests of replay protection with twenty times the requests: some minutes.
soak: build
	@scripts/soak.sh
