#!/bin/sh
# Makes the namespace, and the search attributes by which syncs are found. It changes nothing when it runs again.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are in the environment.
set -eu

# The server answers its port a moment before it is ready, and a new namespace is known everywhere only after some seconds.
patiently() {
  attempts=60
  until "$@"; do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ]; then
      echo "gave up: $*" >&2
      exit 1
    fi
    sleep 2
  done
}

namespace_exists() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1
}

make_namespace() {
  namespace_exists || temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
}

make_search_attributes() {
  temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name SynclineApplication --type Keyword \
    --name SynclineCluster --type Keyword \
    --name SynclineRevision --type Keyword \
    --name SynclinePhase --type Keyword \
    --name SynclineOutcome --type Keyword
}

patiently temporal operator cluster health
patiently make_namespace
patiently make_search_attributes
