.PHONY: bench build dev page test

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
