// The root of the judge: the folders beside this file hold the go.mod that is used, one for each release.
module headcount.dev/test/judge
