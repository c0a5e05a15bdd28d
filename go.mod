module github.com/clerkkit/clerkkit

go 1.25.0
