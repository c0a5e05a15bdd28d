package bapi

// PrimaryEmail returns the address that PrimaryEmailAddressID names, "" when the user has
// none. The first address of the list may be another one. EmailAddress.Verification says
// whether the user has shown that it is theirs; do so before you grant anything by it.
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

// PrimaryPhone returns the number, in E.164 form, that PrimaryPhoneNumberID names, "" when
// the user has none. PhoneNumber.Verification says whether the user has shown that it is
// theirs.
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
