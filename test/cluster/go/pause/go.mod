// What holds a pod's namespaces while its containers come and go.
module portico.dev/test/cluster/pause

go 1.24.0
