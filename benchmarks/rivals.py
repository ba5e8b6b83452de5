"""What the app is measured against: a server that does nothing, and the way most demos do it."""

from __future__ import annotations

import io

import numpy as np
from flask import Flask, Response, jsonify, request
from numpy.typing import NDArray
from PIL import Image

from benchmarks.servers import ROOT


def empty() -> Flask:
    """An empty Flask route: what Flask and gunicorn cost by themselves."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    return app


def naive() -> Flask:
    """Keras `predict` on the picture scaled down to 28x28: what most demos of this kind do."""
    import keras

    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    model = keras.saving.load_model(ROOT / "models" / "mnist-cnn.keras", safe_mode=True)

    @app.post("/predict")
    def predict() -> Response:
        image = scaled_down(request.get_data())[None, :, :, None]
        return jsonify(model.predict(image, verbose=0)[0].tolist())

    return app


def scaled_down(png: bytes) -> NDArray[np.float32]:
    """The picture scaled straight to 28x28, dark ink on light paper becoming light on dark."""
    picture = Image.open(io.BytesIO(png)).convert("L").resize((28, 28))
    return np.float32(1) - np.asarray(picture, np.float32) / np.float32(255)
