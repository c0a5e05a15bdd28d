// Package userpage compares package bapi with clerk-sdk-go on a page of 500 users: time in
// BenchmarkUserPage, allocations in a test.
//
//	go test -run '^$' -bench . ./userpage
package userpage
