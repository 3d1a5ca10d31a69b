module headcount.dev/test/judge

go 1.24.1

// KServe's own replacements: Go reads those of the main module only.
replace sigs.k8s.io/controller-runtime => sigs.k8s.io/controller-runtime v0.19.7

require github.com/kserve/kserve v0.16.0
