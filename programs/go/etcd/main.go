// Command etcd is etcd's own server. The module go.etcd.io/etcd has its main package in a separate module that
// replaces its siblings by relative paths and so cannot be built from outside; this is all that package does.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
