package answers

import (
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

type DeletedResource struct {
	Object  string `json:"object"`
	ID      string `json:"id,omitempty"`
	Slug    string `json:"slug,omitempty"`
	Deleted bool   `json:"deleted"`
	// ExternalID is the user's in the application's tables (Backend API).
	ExternalID string `json:"external_id,omitempty"`
}

func Deleted(object, id string) func(*state.User) any {
	return func(*state.User) any { return DeletedResource{Object: object, ID: id, Deleted: true} }
}
