# make run    set up, build, fetch upstream's trees, check every stack, apply one
# make test   set up, build, run the tests
# Both work on a fresh Debian 12 with Swift 6.3 and python3.

SWIFT ?= swift
KERB = .build/release/kerb
# Narrows `make verify`; the stack that `make run` applies.
STACK ?=
APPLIED = $(or $(STACK),2024.1/nova)
# What a build needs; what the tests compare with, and a server of theirs has its certificate from.
PACKAGES = git libgit2-dev zlib1g-dev libarchive-dev libdeflate-dev libyaml-dev pkg-config python3 \
  python3-pip
TEST_PACKAGES = quilt openssl
HOSTILE_PACKAGES = strace openssl
VERIFY_PACKAGES = python3-venv haproxy openssl
DELIVERY_PACKAGES = git python3-venv shellcheck chromium fonts-dejavu-core
FAULT_PACKAGES = strace gcc libc6-dev
DEB_PACKAGES = dpkg-dev binutils
# For the measurements: a clone of any repository with history.
CLONE ?=
COUNT ?= 1000

# make verify        proves the patched trees with the projects' own tests
# make verify-each   Nova's unit tests after every patch
# make verify-tests  the patches' own tests fail without the patch
# make verify-branch-ends CLONES=folder  which patches apply to the ends of upstream's git branches
# make hostile       workspaces that would do harm, under strace, see Tests/Hostile/workspaces
# make fuzz-short    every reader of text that a stranger can write gets random input, for some seconds each
# make sanitize-short  the tests of what handles memory by itself, with AddressSanitizer and ThreadSanitizer
# make delivery      what CI and people read is read by its consumers, see Tests/Delivery
.PHONY: build run test delivery hostile verify verify-each verify-tests verify-branch-ends bench port-bench oracle claims \
  faults author-model move-model author-round-trip lint fuzz fuzz-short fuzz-build sanitize sanitize-short \
  man deb deb-test images-test setup setup-test setup-verify clean FORCE

build: $(KERB)

$(KERB): setup FORCE
	$(SWIFT) build -c release --static-swift-stdlib --product kerb

run: build
	$(KERB) fetch
	$(KERB) check
	$(KERB) apply $(APPLIED)
	$(KERB) status
	git -C src/$(APPLIED) log --oneline -8

test: setup setup-test
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test --skip-build
	KERB=$(CURDIR)/.build/debug/kerb python3 Tests/Hostile/workspaces/run.py

# Hostile workspaces, with every program that is started and every file that is opened looked at.
# ONLY=pattern takes some of Tests/Hostile/workspaces/cases.
hostile: setup
	@.ci/packages $(HOSTILE_PACKAGES)
	$(SWIFT) build --product kerb
	KERB=$(CURDIR)/.build/debug/kerb python3 Tests/Hostile/workspaces/run.py --strace \
	  $(if $(ONLY),-k '$(ONLY)')
	KERB=$(CURDIR)/.build/debug/kerb python3 Tests/Hostile/workspaces/verbs.py

# Needs the debug build of `make test`; CI formats, and what a hostile patch makes of them.
delivery: setup .build/delivery/ready
	@.ci/packages $(DELIVERY_PACKAGES)
	$(SWIFT) build --product kerb
	cd Tests/Delivery && KERB=$(CURDIR)/.build/debug/kerb PYTHONDONTWRITEBYTECODE=1 \
	  $(CURDIR)/.build/delivery/bin/python -m unittest

.build/delivery/ready: Tests/Delivery/requirements.txt
	@.ci/packages $(DELIVERY_PACKAGES)
	python3 -m venv .build/delivery
	.build/delivery/bin/pip install -q --disable-pip-version-check -r $<
	touch $@

# Every stack on its upstream tree: all patches apply, each step compiles, the projects' own tests pass.
verify: build setup-verify
	$(KERB) fetch
	$(KERB) check $(STACK)
	$(KERB) exec --verify $(STACK)

# After every patch: the unit tests that it touches pass.
verify-each: build setup-verify
	$(KERB) fetch
	$(KERB) exec $(or $(STACK),nova) --each -- python3 $(CURDIR)/Tests/Verify/nova.py --each

# After every patch: the tests that it adds or changes fail without its code. STACK is of any project in
# Python that has its pins in Tests/Verify/pins.
verify-tests: build setup-verify
	python3 -m unittest discover Tests/Verify
	$(KERB) fetch
	$(KERB) exec $(or $(STACK),nova) --each -- python3 $(CURDIR)/Tests/Verify/reverted.py

# How the stacks fare on the ends of git branches, into docs/branch-ends.md.
verify-branch-ends: build
	@test -n "$(CLONES)" || { echo "make verify-branch-ends CLONES=folder of clones"; exit 2; }
	$(KERB) fetch
	python3 Tests/Verify/branch_ends.py --kerb $(KERB) --clones $(CLONES) --page docs/branch-ends.md

# What stacks claim of global counters, on the history of real clones.
claims: setup setup-test
	@test -n "$(CLONES)" || { echo "make claims CLONES=folder of clones"; exit 2; }
	$(SWIFT) build --build-tests
	KERB_CLONES=$(abspath $(CLONES)) $(SWIFT) test --skip-build --filter WorkspaceTests.Real

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

# Against git, side by side, in fresh clones. CLONE=path measures on a real history, GIT_REPLAY=path
# also a git that has `git replay`.
bench: build
	$(KERB) fetch
	python3 Tests/Bench/bench.py --kerb $(KERB) --work .build/bench --workspace . \
	  $(if $(CLONE),--nova $(CLONE)) $(if $(GIT_REPLAY),--git-replay $(GIT_REPLAY))

# Real ports, beside git's merge and what people made: PAIRS=table of ports, CLONES=folder of clones.
port-bench: build
	@test -n "$(PAIRS)" -a -n "$(CLONES)" || { echo "make port-bench PAIRS=pairs.tsv CLONES=folder"; exit 2; }
	python3 Tests/Bench/port_bench.py --kerb $(KERB) --pairs $(PAIRS) --clones $(CLONES)

# Real commits as patches: CLONE=path, COUNT=0 for all of them.
oracle: build
	@test -n "$(CLONE)" || { echo "make oracle CLONE=path/to/any/clone [COUNT=1000]"; exit 2; }
	python3 Tests/Oracle/oracle.py --kerb $(KERB) --repo $(CLONE) --count $(COUNT) --mode both
	python3 Tests/Oracle/mutate.py --kerb $(KERB) --repo $(CLONE) --count $(COUNT)

# One reader of text that a stranger can write: TARGET=patch or another folder of Tests/Fuzz/seeds,
# SECONDS=1800.
fuzz: fuzz-build
	Tests/Fuzz/run $(or $(TARGET),patch) $(or $(SECONDS),60)

# Every reader, SECONDS each, as CI does; not optimized, so that it is built in a fifth of the time.
fuzz-short: setup
	$(SWIFT) build --product kerb
	Tests/Fuzz/build --short
	Tests/Fuzz/run --short $(or $(SECONDS),10)

fuzz-build: setup
	$(SWIFT) build --product kerb
	Tests/Fuzz/build

# Kills kerb, and lets calls fail, at every call that writes; what is left must be all old or all new.
# EVERY=7 strikes each seventh call of the commands; ONLY=name takes one of Tests/Faults/authoring.py.
faults: setup setup-test
	@.ci/packages $(FAULT_PACKAGES)
	$(SWIFT) build --product JournalDriver
	$(MAKE) build
ifeq ($(ONLY),)
	python3 Tests/Faults/faults.py --driver .build/debug/JournalDriver
	python3 Tests/Faults/moves.py --kerb $(KERB) --every $(or $(EVERY),1)
	python3 Tests/Faults/authoring.py --kerb $(KERB) --pairs $(or $(PAIRS),100)
endif
	python3 Tests/Faults/authoring.py --kerb $(KERB) --every $(or $(EVERY),1) $(if $(ONLY),--only $(ONLY))

# Random sequences of authoring commands against a model: COUNT commands, from SEED on.
author-model: setup setup-test
	$(SWIFT) build --build-tests
	KERB_MODEL_COUNT=$(COUNT) KERB_MODEL_SEED=$(or $(SEED),1) $(SWIFT) test --skip-build --filter AuthoringModelTests

# Random moves, stops and what ends them, against git's merges: COUNT commands, from SEED on. OFF=name,name
# leaves commands and judges out; KEEP=folder gets a script of each failure.
move-model: setup setup-test
	$(SWIFT) build --build-tests
	KERB_MODEL_COUNT=$(COUNT) KERB_MODEL_SEED=$(or $(SEED),1) $(if $(OFF),KERB_MODEL_OFF=$(OFF)) \
	  $(if $(KEEP),KERB_MODEL_KEEP=$(abspath $(KEEP))) $(SWIFT) test --skip-build --filter MoveModelTests

# Patches through kerb and back: every stack here, and COUNT commits of CLONE, a bare clone with history.
author-round-trip: build
	$(KERB) fetch
	python3 Tests/Oracle/authoring.py stacks --kerb $(KERB) --workspace .
	$(if $(CLONE),python3 Tests/Oracle/authoring.py history --kerb $(KERB) --clone $(CLONE) --count $(COUNT))

# Leaks are XCTest's; Swift's own report of a trap would hide the sanitizer's.
sanitize: setup setup-test
	ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no \
	  $(SWIFT) test --sanitize=address --scratch-path .build-asan
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/tsan.supp SWIFT_BACKTRACE=enable=no \
	  $(SWIFT) test --sanitize=thread --scratch-path .build-tsan

# What reads bytes by hand, calls C or shares memory between threads, without all that stands on it; as CI
# does. The dependencies are those of the debug build.
sanitize-short: setup setup-test
	$(SWIFT) build --product kerb
	Tests/Sanitize/run address PatchesTests GitTests
	Tests/Sanitize/run thread GitTests

man: setup
	mkdir -p .build/man
	$(SWIFT) package plugin --allow-writing-to-package-directory generate-manual \
	  --multi-page --output-directory .build/man

# The Dockerfiles of every release's images, rendered by its patched Kolla, have what they should.
images-test: build setup-verify
	$(KERB) fetch nova kolla openstacksdk
	python3 Tests/Delivery/render_images.py $(KERB) . .build/images 2023.1 2023.2 2024.1 master

# dist/kerb_VERSION_ARCHITECTURE.deb, with completions and manual pages.
deb: man
	@.ci/packages $(DEB_PACKAGES)
	@# Making the manual links another kerb, which would be taken for the right one.
	rm -f $(KERB)
	$(MAKE) build
	rm -rf dist
	.ci/deb $(KERB) .build/man dist

# Installs the package into a Debian 12 of its own, and checks stacks there.
deb-test: deb
	@.ci/packages debootstrap
	Tests/Delivery/clean-debian dist/kerb_*.deb

setup:
	@.ci/packages $(PACKAGES)
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.3 is missing: see https://swift.org/install"; exit 5; }

setup-test:
	@.ci/packages $(TEST_PACKAGES)

setup-verify:
	@.ci/packages $(VERIFY_PACKAGES)

clean:
	rm -rf dist .build .build-asan .build-tsan .build-sanitize .build-fuzz
