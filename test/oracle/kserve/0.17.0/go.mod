module headcount.dev/test/judge

go 1.25.4

// KServe's own replacements: Go reads those of the main module only.
replace sigs.k8s.io/controller-runtime => sigs.k8s.io/controller-runtime v0.19.7
replace github.com/expr-lang/expr => github.com/expr-lang/expr v1.17.7
replace github.com/lyft/protoc-gen-validate => github.com/envoyproxy/protoc-gen-validate v1.0.4

require github.com/kserve/kserve v0.17.0
