module github.com/clerkkit/clerkkit/examples

go 1.25.0

require github.com/clerkkit/clerkkit v0.1.0

require github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect

replace github.com/clerkkit/clerkkit => ../
