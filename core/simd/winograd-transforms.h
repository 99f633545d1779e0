/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The three transforms of Winograd's minimal filtering F(m x m, 3 x 3) (Lavin, Gray 2015, arXiv 1509.09308,
 * section 4) in one dimension:
 *
 *   y = A^T ((G g) * (B^T d))        d: m + 2 inputs, g: 3 weights, y: m outputs, y[i] = sum over j of g[j]
 * d[i + j]
 *
 * The matrices follow from the points at which the Toom-Cook algorithm evaluates polynomials, and the points
 * decide the rounding error. m = 4: 0, +-5/8, +-11/8, infinity, nearly the best of all symmetric pairs, with
 * half the error of the usual +-1, +-2. m = 6: 0, +-1, +-2, +-1/2, infinity. A pair of points +-p shares its
 * even and odd parts, so most lines below come in pairs.
 *
 * The includer defines the type NST_VEC: a vector of floats, or a double in tests. o must not be d. */

/* A product that is rounded before it is added. In a sum of two products a compiler may contract either one
 * to an FMA, and not always the same; but an output must be the same number whether it is pooled or not, at
 * the edge or inside. */
#if defined __SSE__
#define ROUNDED(product)                                                                                     \
  ({                                                                                                         \
    NST_VEC rounded = (product);                                                                             \
    __asm__("" : "+x"(rounded));                                                                             \
    rounded;                                                                                                 \
  })
#elif defined __aarch64__
#define ROUNDED(product)                                                                                     \
  ({                                                                                                         \
    NST_VEC rounded = (product);                                                                             \
    __asm__("" : "+w"(rounded));                                                                             \
    rounded;                                                                                                 \
  })
#else
#define ROUNDED(product)                                                                                     \
  ({                                                                                                         \
    NST_VEC rounded = (product);                                                                             \
    __asm__("" : "+m"(rounded));                                                                             \
    rounded;                                                                                                 \
  })
#endif

#define P 0.625f
#define Q 1.375f
#define P2 (P * P)
#define Q2 (Q * Q)

static inline __attribute__ ((always_inline)) void
nst_winograd_input4 (const NST_VEC *d, NST_VEC *o)
{
  NST_VEC even_p = d[4] - Q2 * d[2], odd_p = P * (d[3] - Q2 * d[1]);
  NST_VEC even_q = d[4] - P2 * d[2], odd_q = Q * (d[3] - P2 * d[1]);

  o[0] = P2 * Q2 * d[0] - (P2 + Q2) * d[2] + d[4];
  o[1] = even_p + odd_p;
  o[2] = even_p - odd_p;
  o[3] = even_q + odd_q;
  o[4] = even_q - odd_q;
  o[5] = P2 * Q2 * d[1] - (P2 + Q2) * d[3] + d[5];
}

static inline __attribute__ ((always_inline)) void
nst_winograd_weight4 (const NST_VEC *g, NST_VEC *o)
{
  const float n_p = 1 / (2 * P2 * (P2 - Q2)), n_q = 1 / (2 * Q2 * (Q2 - P2));
  NST_VEC     even_p = n_p * g[0] + n_p * P2 * g[2], odd_p = n_p * P * g[1];
  NST_VEC     even_q = n_q * g[0] + n_q * Q2 * g[2], odd_q = n_q * Q * g[1];

  o[0] = 1 / (P2 * Q2) * g[0];
  o[1] = even_p + odd_p;
  o[2] = even_p - odd_p;
  o[3] = even_q + odd_q;
  o[4] = even_q - odd_q;
  o[5] = g[2];
}

static inline __attribute__ ((always_inline)) void
nst_winograd_output4 (const NST_VEC *m, NST_VEC *y)
{
  NST_VEC even_p = m[1] + m[2], odd_p = m[1] - m[2];
  NST_VEC even_q = m[3] + m[4], odd_q = m[3] - m[4];

  y[0] = m[0] + even_p + even_q;
  y[1] = P * odd_p + ROUNDED (Q * odd_q);
  y[2] = P2 * even_p + ROUNDED (Q2 * even_q);
  y[3] = P * P2 * odd_p + ROUNDED (Q * Q2 * odd_q) + m[5];
}

#undef P
#undef Q
#undef P2
#undef Q2
#undef ROUNDED

static inline __attribute__ ((always_inline)) void
nst_winograd_input6 (const NST_VEC *d, NST_VEC *o)
{
  NST_VEC even_1 = d[6] - 4.25f * d[4] + d[2], odd_1 = d[5] - 4.25f * d[3] + d[1];
  NST_VEC even_2 = d[6] - 1.25f * d[4] + 0.25f * d[2], odd_2 = 2.0f * d[5] - 2.5f * d[3] + 0.5f * d[1];
  NST_VEC even_h = d[6] - 5.0f * d[4] + 4.0f * d[2], odd_h = 0.5f * d[5] - 2.5f * d[3] + 2.0f * d[1];

  o[0] = d[0] - d[6] + 5.25f * (d[4] - d[2]);
  o[1] = even_1 + odd_1;
  o[2] = even_1 - odd_1;
  o[3] = even_2 + odd_2;
  o[4] = even_2 - odd_2;
  o[5] = even_h + odd_h;
  o[6] = even_h - odd_h;
  o[7] = d[7] - d[1] + 5.25f * (d[3] - d[5]);
}

static inline __attribute__ ((always_inline)) void
nst_winograd_weight6 (const NST_VEC *g, NST_VEC *o)
{
  NST_VEC even_1 = -2 / 9.0f * (g[0] + g[2]), odd_1 = -2 / 9.0f * g[1];
  NST_VEC even_2 = 1 / 90.0f * g[0] + 4 / 90.0f * g[2], odd_2 = 2 / 90.0f * g[1];
  NST_VEC even_h = 32 / 45.0f * g[0] + 8 / 45.0f * g[2], odd_h = 16 / 45.0f * g[1];

  o[0] = g[0];
  o[1] = even_1 + odd_1;
  o[2] = even_1 - odd_1;
  o[3] = even_2 + odd_2;
  o[4] = even_2 - odd_2;
  o[5] = even_h + odd_h;
  o[6] = even_h - odd_h;
  o[7] = g[2];
}

static inline __attribute__ ((always_inline)) void
nst_winograd_output6 (const NST_VEC *m, NST_VEC *y)
{
  NST_VEC even_1 = m[1] + m[2], odd_1 = m[1] - m[2];
  NST_VEC even_2 = m[3] + m[4], odd_2 = m[3] - m[4];
  NST_VEC even_h = m[5] + m[6], odd_h = m[5] - m[6];

  y[0] = m[0] + even_1 + even_2 + even_h;
  y[1] = odd_1 + 2.0f * odd_2 + 0.5f * odd_h;
  y[2] = even_1 + 4.0f * even_2 + 0.25f * even_h;
  y[3] = odd_1 + 8.0f * odd_2 + 0.125f * odd_h;
  y[4] = even_1 + 16.0f * even_2 + 0.0625f * even_h;
  y[5] = odd_1 + 32.0f * odd_2 + 0.03125f * odd_h + m[7];
}
