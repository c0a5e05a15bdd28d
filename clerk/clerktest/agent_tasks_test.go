package clerktest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestAgentTasks(t *testing.T) {
	em := newEmulator(t, clerktest.Config{})
	b := newSecretKey(t, em)
	em.AddUser(clerktest.User{Email: "alice@example.com"})
	body := `{"on_behalf_of":{"identifier":"alice@example.com"},"permissions":"*","agent_name":"bot","task_description":"d","redirect_url":"http://localhost:3000/a","session_max_duration_in_seconds":60}`
	task := b.call("POST", "/v1/agents/tasks", body, 200)
	second := b.call("POST", "/v1/agents/tasks", body, 200)
	if task.at("agent_id") != second.at("agent_id") || task.at("agent_task_id") == second.at("agent_task_id") || task.at("task_id") != task.at("agent_task_id") {
		t.Errorf("%v %v", task, second)
	}
	br := newBrowser(t, em)
	resp, _ := br.send("GET", str(task.at("url")), nil, nil)
	if resp.StatusCode != http.StatusTemporaryRedirect || !strings.HasPrefix(resp.Header.Get("Location"), "http://localhost:3000/a?__clerk_handshake=") {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	sessions := b.call("GET", "/v1/sessions?status=active&paginated=true", "", 200)
	if sessions.at("total_count") != 1.0 {
		t.Errorf("sessions: %v", sessions)
	}
	resp, text := br.send("GET", str(task.at("url")), nil, nil)
	wantError(t, resp, text, 400, "agent_task_already_used_code")
	revoke := "/v1/agents/tasks/" + str(second.at("agent_task_id")) + "/revoke"
	if got := b.call("POST", revoke, "", 200); got.at("url") != nil {
		t.Errorf("revoked: %v", got)
	}
	b.refused("POST", revoke, "", 400, "agent_task_cannot_be_revoked_code")
	b.refused("POST", "/v1/agents/tasks/agent_task_no/revoke", "", 404, "resource_not_found")
	resp, text = br.send("GET", str(second.at("url")), nil, nil)
	wantError(t, resp, text, 400, "agent_task_revoked_code")
	resp, text = br.get("/v1/agents/tasks?ticket=no")
	wantError(t, resp, text, 404, "resource_not_found")
	em.Advance(time.Minute)
	if got := b.call("GET", "/v1/sessions?status=active&paginated=true", "", 200); got.at("total_count") != 0.0 {
		t.Errorf("the session outlives its task: %v", got)
	}
	for from, to := range map[string]string{
		`"permissions":"*"`: `"permissions":"x"`, `"identifier":"alice@example.com"`: `"user_id":"a","identifier":"b"`,
		`http://localhost:3000/a`: `/a`, `"agent_name":"bot",`: ``, `_seconds":60`: `_seconds":0`,
	} {
		resp, text := do(t, em, "POST", "/v1/agents/tasks", bearer(em.SecretKey()), strings.Replace(body, from, to, 1))
		if resp.StatusCode != 422 {
			t.Errorf("%s: %d %s", to, resp.StatusCode, text)
		}
	}
	b.refused("POST", "/v1/agents/tasks", strings.Replace(body, "alice", "nobody", 1), 404, "resource_not_found")
	// A task for another site is made, and not followed.
	away := b.call("POST", "/v1/agents/tasks", strings.Replace(body, "http://localhost:3000", "https://evil.example.com", 1), 200)
	resp, text = br.send("GET", str(away.at("url")), nil, nil)
	wantError(t, resp, text, 422, "form_param_format_invalid")
}
