module github.com/clerkkit/clerkkit/examples

go 1.25.0

require github.com/clerkkit/clerkkit v0.1.0

replace github.com/clerkkit/clerkkit => ../
