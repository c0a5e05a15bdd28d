// Gin is the reporting service of a product with plans, with gin. It shows groups with
// their own Require, bound and validated input, and work that continues after the
// response.
//
//	CLERK_SECRET_KEY=sk_… CLERK_PUBLISHABLE_KEY=pk_… go run ./examples/gin
package main

import (
	"context"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clerkkit/clerkkit/clerk"
	"github.com/clerkkit/clerkkit/middleware"
	clerkgin "github.com/clerkkit/clerkkit/middleware/gin"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	cfg, err := clerk.ConfigFromEnv()
	if err != nil {
		return err
	}
	auth, err := middleware.New(cfg)
	if err != nil {
		return err
	}
	defer auth.Close()
	s := &service{}
	defer s.exports.Wait()
	log.Println("listening on http://localhost:3000 (for a Clerk of your own: go run ./clerk/clerk-emulator prints the environment)")
	server := &http.Server{Addr: "localhost:3000", Handler: s.routes(auth), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

// service creates reports and exports them in the background.
type service struct {
	exports sync.WaitGroup
	mu      sync.Mutex
	done    []string
}

func (s *service) routes(auth *middleware.Middleware) *gin.Engine {
	// README:routes
	r := gin.New()
	r.Use(gin.Recovery(), clerkgin.Handler(auth))
	r.GET("/pricing", s.pricing) // public

	reports := r.Group("/reports", clerkgin.Require(auth))
	reports.GET("", s.list)
	reports.POST("", clerkgin.Require(auth, clerk.Feature("reports")), s.create)
	reports.POST("/export", clerkgin.Require(auth, clerk.Plan("org:pro"), clerk.Role("org:admin")), s.export)
	return r
	// README:end
}

func (s *service) pricing(c *gin.Context) {
	if id := clerkgin.Auth(c); id.SignedIn() {
		c.JSON(http.StatusOK, gin.H{"plans": []string{"free", "pro"}, "yours": id.Plans()})
		return
	}
	c.JSON(http.StatusOK, gin.H{"plans": []string{"free", "pro"}})
}

func (s *service) list(c *gin.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.JSON(http.StatusOK, gin.H{"exported": s.done})
}

func (s *service) create(c *gin.Context) {
	var in struct {
		Month string `json:"month" binding:"required,datetime=2006-01"`
	}
	if err := c.ShouldBindJSON(&in); err != nil {
		c.AbortWithStatusJSON(http.StatusBadRequest, gin.H{"error": "month must look like 2026-01"})
		return
	}
	c.JSON(http.StatusCreated, gin.H{"month": in.Month, "by": clerkgin.Auth(c).UserID})
}

// export responds at once and works in the background. The identity is a value, so the
// work can keep it. The request's context ends with the request, so the work gets one
// that does not.
func (s *service) export(c *gin.Context) {
	ctx := context.WithoutCancel(c.Request.Context())
	s.exports.Go(func() { s.write(ctx) })
	c.Status(http.StatusAccepted)
}

// write does not use gin.
func (s *service) write(ctx context.Context) {
	id := clerk.FromContext(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, id.OrgID+" for "+id.UserID)
}
