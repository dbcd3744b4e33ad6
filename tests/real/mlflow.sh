#!/bin/sh
# Starts a real MLflow server with a few models and runs a test program against it.
# usage: tests/real/mlflow.sh ENVIRONMENT PROGRAM [ARGUMENTS...]
# ENVIRONMENT is a Python environment with mlflow, scikit-learn and skops:
#   uv venv ENVIRONMENT && uv pip install --python ENVIRONMENT/bin/python mlflow==3.17.2 scikit-learn skops
set -eu
environment=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
port=${PENSTOCK_TEST_MLFLOW_PORT:-5078}
MLFLOW_TRACKING_URI=http://127.0.0.1:$port
export MLFLOW_TRACKING_URI
# A session of its own: the server's workers outlive it unless the whole group is ended.
setsid "$environment/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
  --backend-store-uri "sqlite:///$folder/mlflow.db" --artifacts-destination "$folder/artifacts" >"$folder/log" 2>&1 &
server=$!
trap 'kill -- -$server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
tries=0
until "$environment/bin/python" -c "import urllib.request; urllib.request.urlopen('$MLFLOW_TRACKING_URI/health', timeout=2)" 2>/dev/null; do
  tries=$((tries + 1))
  if [ "$tries" -gt 240 ]; then
    echo "MLflow did not start:" >&2
    cat "$folder/log" >&2
    exit 1
  fi
  sleep 1
done
GIT_PYTHON_REFRESH=quiet "$environment/bin/python" "$here/log_models.py"
PENSTOCK_TEST_MLFLOW=$MLFLOW_TRACKING_URI "$@"
