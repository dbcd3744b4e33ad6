"""Fills the tracking server at MLFLOW_TRACKING_URI with what tests/real/mlflow_source.cpp looks for, oldest first."""

import mlflow
import mlflow.sklearn
import numpy
from sklearn.linear_model import LogisticRegression

client = mlflow.MlflowClient()
samples = numpy.random.default_rng(1).random((50, 3))
model = LogisticRegression().fit(samples, samples.sum(axis=1) > 1.5)

with mlflow.start_run():
    mlflow.log_metric("auc", 0.93)
    mlflow.set_tag("mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567")
    mlflow.set_tag("mlflow.source.git.repoURL", "https://user:secret@git.example.org/fraud.git")
    if mlflow.__version__.startswith("2."):
        mlflow.sklearn.log_model(model, "model", registered_model_name="fraud")
    else:
        mlflow.sklearn.log_model(model, name="model", registered_model_name="fraud")
        mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}")

with mlflow.start_run() as run:
    mlflow.log_text("hello", "model/sub dir/a+b.txt")
    mlflow.log_text("flavors: {}", "model/MLmodel")
client.create_registered_model("run-files")
client.create_model_version("run-files", f"runs:/{run.info.run_id}/model", run.info.run_id)

client.create_registered_model("outside")
client.create_model_version("outside", "s3://bucket/model")
