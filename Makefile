# Every target makes .venv first when it is missing or out of date.
#   make lab     JupyterLab on your own copy of the notebooks (work/)
#   make test    every check there is

PYTHON ?= python3
JOBS ?= 2
# Wheels of PyTorch without CUDA (the plain ones are gigabytes). Empty: plain PyPI.
ifeq ($(shell uname -s),Linux)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
endif

BIN := .venv/bin
STAMP := .venv/.installed
BENCH_STAMP := .venv-bench/.installed
EXTRAS := course,grading,book,dev

# Spinning OpenMP threads slow small machines 10 to 30 times.
export OMP_WAIT_POLICY := PASSIVE
export PYTHONHASHSEED := 0

.DEFAULT_GOAL := help
.PHONY: help lab update reset test test-newest watch-course lint notebooks book book-serve bench clean

help:
	@echo "make lab                   JupyterLab on your own copy of the notebooks, in work/"
	@echo "                           (NO_BROWSER=1 prints the address, PORT=8888 chooses the port)"
	@echo "make update                add new notebooks to work/; nothing of yours is changed"
	@echo "make reset NOTEBOOK=path   restore one notebook in work/; your version is kept beside it"
	@echo "make test                  every check: style, types, tests, notebooks, book, browser"
	@echo "make test-newest           the same with the newest dependencies, outputs not compared"
	@echo "make watch-course          every notebook under leakage.watch: only leaks on purpose"
	@echo "make notebooks             bring notebooks/ up to date with notebooks_src/"
	@echo "make book                  build the site into book/_build/html; make book-serve opens it"
	@echo "make bench                 compare the helpers with their peers"
	@echo "make clean                 remove the environments and what was built; work/ stays"

$(STAMP): pyproject.toml constraints.txt tools/install.py
	@$(PYTHON) tools/install.py .venv --extras "$(EXTRAS)" --torch-index "$(TORCH_INDEX)"
	@touch $@

$(BENCH_STAMP): pyproject.toml tools/install.py
	@$(PYTHON) tools/install.py .venv-bench --extras course,bench --torch-index "$(TORCH_INDEX)"
	@touch $@

lab: $(STAMP)
	@$(BIN)/python tools/lab.py open

update: $(STAMP)
	@$(BIN)/python tools/lab.py update

reset: $(STAMP)
	@$(BIN)/python tools/lab.py reset "$(NOTEBOOK)"

test: $(STAMP)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --nbval --nbval-cell-timeout 300

# Dependencies move: what a newcomer without constraints.txt gets must still run.
# Text of reprs may differ there, so stored outputs are not compared.
test-newest:
	@$(PYTHON) tools/install.py .venv-newest --extras "$(EXTRAS)" --torch-index "$(TORCH_INDEX)" --newest
	.venv-newest/bin/python -m pytest -n $(JOBS) --dist loadscope -p no:cacheprovider \
	    --nbval-lax --nbval-cell-timeout 300 --ignore tests/test_house.py

# Three of them are in make test; all of them once a week.
watch-course: $(STAMP)
	$(BIN)/python tools/watch_course.py

lint: $(STAMP)
	$(BIN)/python -m pytest -q tests/test_house.py tests/test_course.py

notebooks: $(STAMP)
	$(BIN)/python tools/notebooks.py run

book: $(STAMP)
	$(BIN)/python tools/book.py build

book-serve: book
	$(BIN)/python tools/book.py serve

bench: $(BENCH_STAMP)
	@for file in benchmarks/[a-z]*.py; do .venv-bench/bin/python $$file || exit 1; done

clean:
	rm -rf .venv .venv-bench .venv-newest book/_build book/_generated build dist
