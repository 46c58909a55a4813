# From a bare checkout: make demo, make test, make bench, make lint. Each sets up what it needs, once, in .venv.

VENV ?= .venv
PYTHON ?=
PYTEST_FLAGS ?= -n 2 --dist loadfile
BENCH_FLAGS ?=
EXAM_FLAGS ?=

# PyTorch's CPU build is on PyTorch's own index; what PyPI calls torch is the CUDA build.
TORCH := 2.13.0
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu
TORCH_CUDA_SIZE := 526 MB, and about 2 GB of CUDA libraries

# Keras's backend. PyPI's tensorflow is the build with CUDA's.
TENSORFLOW := tensorflow-cpu==2.21.0

SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help

# The environment of make is its own: another ROOT or Python that the shell is set up for stays out of it.
unexport PYTHONHOME PYTHONPATH ROOTSYS ROOT_INCLUDE_PATH CMAKE_PREFIX_PATH
export PIP_USER := 0

STAMPS := $(VENV)/stamps
RUN := $(VENV)/bin/python
INSTALL = .ci/environment install $@
REQUIREMENTS = $$($(RUN) .ci/requirements.py

.PHONY: help
help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

#---The targets------------------------------------------------------------------------------------------------------------------
.PHONY: demo
demo: compiler $(addprefix $(STAMPS)/,pysofie torch keras demo) ## train, convert, score in RDataFrame, compare: results in build/demo
	@$(RUN) tutorials/demo.py --output build/demo

.PHONY: test
test: setup ## run all tests (PYTEST_FLAGS="-k gemm -x" for some of them)
	@$(RUN) -m pytest $(PYTEST_FLAGS)

.PHONY: exam
exam: setup ## sit onnx's own test cases: docs/operators.md (EXAM_FLAGS="--only Slice,Pad" for some of them)
	@cd test && $(abspath $(RUN)) -W ignore -m exam $(EXAM_FLAGS)

.PHONY: bench
bench: compiler $(addprefix $(STAMPS)/,pysofie torch keras bench) ## compare our speed with others': results in build/bench (BENCH_FLAGS="--quick --only mlp,lstm" for a look)
	@$(RUN) test/benchmark/bench.py --output build/bench $(BENCH_FLAGS)

CPP_FILES = $(shell find inc src python test tutorials -name golden -prune -o \
	'(' -name '*.hxx' -o -name '*.cxx' -o -name '*.h' -o -name '*.C' ')' -print 2>/dev/null)

.PHONY: lint
lint: $(STAMPS)/lint ## check style and types: ruff, mypy, clang-format
	@status=0; \
	$(RUN) -m ruff check --quiet . || status=1; \
	$(RUN) -m ruff format --check --quiet . || status=1; \
	$(RUN) -m mypy || status=1; \
	$(if $(CPP_FILES),$(VENV)/bin/clang-format --dry-run --Werror $(CPP_FILES) || status=1;) \
	exit $$status

.PHONY: format
format: $(STAMPS)/lint ## let ruff and clang-format repair the style
	@$(RUN) -m ruff check --quiet --fix .
	@$(RUN) -m ruff format --quiet .
	@$(if $(CPP_FILES),$(VENV)/bin/clang-format -i $(CPP_FILES))

.PHONY: setup
setup: compiler $(addprefix $(STAMPS)/,pysofie torch keras demo test) ## make the environment and build the core, no more

.PHONY: clean
clean: ## remove what was built
	rm -rf build $(STAMPS)/pysofie .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: distclean
distclean: clean ## remove the environment too
	$(if $(wildcard $(STAMPS)),rm -rf $(VENV))

#---The environment: each step leaves a stamp, written last------------------------------------------------------------------------
.PHONY: compiler
compiler:
	@.ci/environment compiler

# An environment whose interpreter is gone (the machine has been upgraded) is made again.
ifneq ($(shell test -x $(RUN) && echo runs),runs)
.PHONY: $(STAMPS)/venv
endif
$(STAMPS)/venv:
	@.ci/environment venv $(VENV) $(PYTHON)

$(STAMPS)/build $(STAMPS)/demo $(STAMPS)/test $(STAMPS)/bench $(STAMPS)/lint: \
		$(STAMPS)/%: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing what '$*' needs"
	@$(INSTALL) $(REQUIREMENTS) - $*)

$(STAMPS)/root: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing ROOT (250 MB)"
	@$(INSTALL) $(REQUIREMENTS) root)

$(STAMPS)/torch: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing PyTorch $(TORCH) for CPUs"
	@$(INSTALL) torch==$(TORCH)+cpu $(REQUIREMENTS) torch) 2>/dev/null || \
	$(INSTALL) --extra-index-url $(TORCH_CPU_INDEX) torch==$(TORCH)+cpu $(REQUIREMENTS) torch) 2>/dev/null || { \
	echo "PyTorch's CPU build is out of reach: installing the plain package ($(TORCH_CUDA_SIZE))"; \
	$(INSTALL) torch==$(TORCH) $(REQUIREMENTS) torch); }

$(STAMPS)/keras: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing Keras, and TensorFlow for CPUs (300 MB)"
	@$(INSTALL) $(TENSORFLOW) $(REQUIREMENTS) keras)

# An editable install: Python sources are used as they are, the core is built again where one of its files has changed. Folders
# are among them for the files that come and go.
CORE := CMakeLists.txt pyproject.toml $(shell find cmake inc src 2>/dev/null)
$(STAMPS)/pysofie: $(CORE) $(STAMPS)/root $(STAMPS)/build
	@echo "Building the core (minutes, the first time)"
	@$(INSTALL) --no-deps --no-build-isolation --config-settings=build-dir=build/core --config-settings=cmake.define.dev=ON -e .
