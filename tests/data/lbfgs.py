# SPDX-License-Identifier: GPL-3.0-or-later
"""Iterations that scipy's L-BFGS-B needs for the two problems of test-minimiser.c, with the same stopping
rule."""
import numpy as np
from scipy.optimize import minimize


def rosenbrock(x):
    a, b = 1 - x[0], x[1] - x[0] ** 2
    return a * a + 100 * b * b, np.array([-2 * a - 400 * x[0] * b, 200 * b])


def quadratic(x):
    c = 10 ** (4 * np.arange(len(x)) / (len(x) - 1))
    return .5 * np.sum(c * (x - 1) ** 2), c * (x - 1)


for f, x, gtol in ((rosenbrock, np.array([-1.2, 1.]), 1e-4), (quadratic, np.zeros(100), 1e-3)):
    r = minimize(f, x, jac=True, method="L-BFGS-B", options=dict(maxcor=10, ftol=0, gtol=gtol, maxiter=10000,
                                                                 maxfun=100000))
    print(f.__name__, r.nit, "iterations", r.nfev, "evaluations")
