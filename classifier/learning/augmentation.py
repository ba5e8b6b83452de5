"""Deform the training images a little, at random, so that the network learns shapes."""

from __future__ import annotations

import tensorflow as tf

from classifier.ink.normalise import SIDE
from classifier.parameters import Deformation

ELASTIC_POINTS = 5  # random displacements along each side, interpolated smoothly between


def deform(images: tf.Tensor, deformation: Deformation, seed: tf.Tensor) -> tf.Tensor:
    """Shift, rotate, scale, shear and bend (batch, 28, 28, 1) images, each by random amounts.

    All five become one displacement of the sampling points. Each image is interpolated only once,
    bicubically, so that strokes stay crisp. Affine and elastic deformation follow Simard,
    Steinkraus and Platt, "Best practices for convolutional neural networks applied to visual
    document analysis", 2003. `deformation` gives the largest amounts. The same `seed`, two
    integers, gives the same result.
    """
    count = tf.shape(images)[0]
    affine_seed, elastic_seed = tf.unstack(tf.random.split(seed, 2))
    axis = tf.range(SIDE, dtype=tf.float32) - (SIDE - 1) / 2
    y, x = tf.meshgrid(axis, axis, indexing="ij")
    points = tf.stack((tf.reshape(y, [-1]), tf.reshape(x, [-1])), axis=1)  # (784, 2)
    matrices, shifts = _random_affine(count, deformation, affine_seed)
    samples = tf.einsum("bij,pj->bpi", matrices, points) + shifts[:, None, :]
    samples += _random_bend(count, deformation, elastic_seed)
    return _sample_bicubic(images, samples + (SIDE - 1) / 2)


def _random_affine(
    count: tf.Tensor, deformation: Deformation, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return (count, 2, 2) matrices and (count, 2) shifts; rows and columns are y, x."""
    draws = tf.random.stateless_uniform((6, count), seed, -1.0, 1.0)
    angle = draws[0] * (deformation.rotation * 3.14159265 / 180)
    shear = draws[1] * deformation.shear
    # Exponents, so that enlarging and shrinking by the same factor are equally likely.
    scale_y = tf.exp(draws[2] * deformation.scale)
    scale_x = tf.exp(draws[3] * deformation.scale)
    cosine, sine = tf.cos(angle), tf.sin(angle)
    rotation = _matrices(cosine, -sine, sine, cosine)
    zero = tf.zeros_like(shear)
    stretch = _matrices(scale_y, zero, shear, scale_x)
    return rotation @ stretch, tf.transpose(draws[4:6]) * deformation.shift


def _matrices(a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    return tf.reshape(tf.stack((a, b, c, d), axis=1), (-1, 2, 2))


def _random_bend(count: tf.Tensor, deformation: Deformation, seed: tf.Tensor) -> tf.Tensor:
    """Return (count, 784, 2) displacements that vary smoothly over the image."""
    side = ELASTIC_POINTS
    coarse = tf.random.stateless_uniform((count, side, side, 2), seed, -1.0, 1.0)
    smooth = tf.image.resize(coarse * deformation.elastic, (SIDE, SIDE), method="bicubic")
    return tf.reshape(smooth, (count, SIDE * SIDE, 2))


def _sample_bicubic(images: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """Sample images at (batch, 784, 2) points, y and x in pixels, by Keys' cubic (1981).

    Outside an image there is no ink.
    """
    margin = 4
    width = SIDE + 2 * margin
    padded = tf.pad(images[..., 0], ((0, 0), (margin, margin), (margin, margin)))
    points = tf.clip_by_value(points + margin, 1.0, width - 3.0)
    corner = tf.floor(points)
    weights = _cubic_weights(points - corner)  # (batch, 784, 2, 4)
    first = tf.cast(corner, tf.int32) - 1
    # One flat gather for the whole batch: `batch_dims=1` takes twice as long.
    image_start = tf.range(tf.shape(images)[0])[:, None] * width**2
    start = image_start + first[..., 0] * width + first[..., 1]
    pixels = tf.reshape(padded, [-1])
    sampled = tf.zeros_like(start, tf.float32)
    for row in range(4):
        for column in range(4):
            neighbour = tf.gather(pixels, start + row * width + column)
            sampled += neighbour * weights[..., 0, row] * weights[..., 1, column]
    return tf.reshape(tf.clip_by_value(sampled, 0.0, 1.0), (-1, SIDE, SIDE, 1))


def _cubic_weights(fraction: tf.Tensor) -> tf.Tensor:
    """Return Keys' weights (a = -1/2) of the four neighbours, on a new last axis."""
    t = fraction[..., None]
    weights = (
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )
    return tf.concat(weights, axis=-1)
