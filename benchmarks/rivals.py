"""Servers to compare the app with: an empty route, and a typical demo."""

from __future__ import annotations

import io

import numpy as np
from flask import Flask, Response, jsonify, request
from numpy.typing import NDArray
from PIL import Image

from benchmarks.servers import ROOT


def empty() -> Flask:
    """Return an app with an empty route, which shows what Flask and gunicorn take."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "")
    return app


def naive() -> Flask:
    """Return an app that calls Keras `predict` on the picture scaled to 28x28, as most demos do."""
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
    """Return the picture scaled straight to 28x28, light on dark."""
    picture = Image.open(io.BytesIO(png)).convert("L").resize((28, 28))
    return np.float32(1) - np.asarray(picture, np.float32) / np.float32(255)
