package passwords

import (
	"strings"
)

// pwned reports whether a password is known from breaches. Clerk asks
// haveibeenpwned.com; the emulator knows the most common ones that are long enough.
func pwned(password string) bool {
	return len(password) >= MinLength && strings.Contains(commonPasswords, " "+strings.ToLower(password)+" ")
}

// commonPasswords begins and ends with a space, as each of them does.
const commonPasswords = " password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword pa55word " +
	"12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 0987654321 11111111 111111111 1111111111 " +
	"00000000 000000000 0000000000 12341234 123123123 12344321 11223344 1122334455 88888888 66666666 99999999 77777777 " +
	"qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zaq12wsx q1w2e3r4 asdfghjk " +
	"asdfghjkl zxcvbnm1 zxcvbnm123 abcd1234 abc12345 abc123456 abcdefgh a1b2c3d4 iloveyou iloveyou1 ilovegod sunshine princess " +
	"football baseball basketball superman batman123 spiderman pokemon1 starwars trustno1 whatever computer internet " +
	"michelle jennifer jessica1 michael1 charlie1 jordan23 liverpool chelsea1 arsenal1 mercedes corvette mustang1 " +
	"welcome1 welcome123 letmein1 letmein123 admin123 admin1234 administrator changeme changeme123 default1 " +
	"dragon123 monkey123 master123 shadow123 samsung1 google123 facebook hunter123 testtest test1234 test12345 testing123 " +
	"secret123 secret12 user1234 guest1234 root1234 football1 baseball1 sunshine1 princess1 babygirl butterfly chocolate " +
	"blink182 slipknot metallica nirvana1 freedom1 jesus123 loveyou1 lovelove mypassword nopassword "
