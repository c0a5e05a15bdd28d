package bapi

// PrimaryEmail returns the address that PrimaryEmailAddressID names, or "" if the user
// has none. The first address in the list can be another one. Before you grant access
// by an address, check EmailAddress.Verification, which says whether the user has
// proved that they own it.
func (u *User) PrimaryEmail() string {
	if u == nil || u.PrimaryEmailAddressID == "" {
		return ""
	}
	for i := range u.EmailAddresses {
		if u.EmailAddresses[i].ID == u.PrimaryEmailAddressID {
			return u.EmailAddresses[i].EmailAddress
		}
	}
	return ""
}

// PrimaryPhone returns the number in E.164 format that PrimaryPhoneNumberID names, or
// "" if the user has none. PhoneNumber.Verification says whether the user has proved
// that they own it.
func (u *User) PrimaryPhone() string {
	if u == nil || u.PrimaryPhoneNumberID == "" {
		return ""
	}
	for i := range u.PhoneNumbers {
		if u.PhoneNumbers[i].ID == u.PrimaryPhoneNumberID {
			return u.PhoneNumbers[i].PhoneNumber
		}
	}
	return ""
}
