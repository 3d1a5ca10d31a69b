module headcount.dev/test/judge

go 1.24.1

// KServe's own replacements: Go reads those of the main module only.

require github.com/kserve/kserve v0.15.2
