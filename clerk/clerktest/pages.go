package clerktest

// pageRoutes are the pages that people see.
var pageRoutes = []route{}
