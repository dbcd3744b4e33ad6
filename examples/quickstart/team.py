"""What the data scientists do: data, a model that is trained and registered in MLflow, and an alias that somebody moves.

MLflow is where MLFLOW_TRACKING_URI says. Its libraries take seconds to load, so that each function loads what it needs.
"""

import pathlib

MODEL = "wine-cultivar"
ALIAS = "champion"


def write_data(folder: pathlib.Path):
    """The wine data that scikit-learn ships (UCI), as `wine.csv`; as `wine-broken.csv` with values that break the contract."""
    from sklearn.datasets import load_wine

    frame = load_wine(as_frame=True).frame
    frame.columns = [name.replace("/", "_per_") for name in frame.columns]
    frame.to_csv(folder / "wine.csv", index=False)
    broken = frame.copy()
    broken.loc[3, "alcohol"] = -14.2
    broken.loc[9, "target"] = 7
    broken["hue"] = broken["hue"].astype(object)
    broken.loc[20, "hue"] = "pale"
    broken.to_csv(folder / "wine-broken.csv", index=False)


def register(data_set: str):
    """Trains on the wine data and registers the model, as trained on the file `data_set`. Returns the version and its accuracy."""
    import mlflow
    from mlflow.models import infer_signature
    from sklearn.datasets import load_wine
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    wine = load_wine()
    train_x, test_x, train_y, test_y = train_test_split(wine.data, wine.target, random_state=7, stratify=wine.target)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(train_x, train_y)
    accuracy = model.score(test_x, test_y)
    mlflow.set_experiment("wine")
    with mlflow.start_run():
        mlflow.log_metric("accuracy", accuracy)
        info = mlflow.sklearn.log_model(model, name="model", signature=infer_signature(train_x, train_y))
    client = mlflow.MlflowClient()
    try:
        client.create_registered_model(MODEL)
    except mlflow.exceptions.MlflowException:
        pass  # the second version
    # The tags come with the version, so that Penstock never sees it without them.
    version = client.create_model_version(MODEL, info.model_uri, run_id=info.run_id, model_id=info.model_id,
                                          tags={"penstock.data_set.training": data_set})
    return version.version, accuracy


def alias() -> str:
    import mlflow

    return mlflow.MlflowClient().get_model_version_by_alias(MODEL, ALIAS).version


def move_alias(version: str):
    import mlflow

    mlflow.MlflowClient().set_registered_model_alias(MODEL, ALIAS, version)
