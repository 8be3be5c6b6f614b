/* The filters of a PNG of 8-bit RGB or RGBA, undone (PNG, third edition, chapter 9).
 *
 * Four rows are done together, each one pixel behind the row above it: then the pixels above (b) are what the lanes
 * before have just made, and those left of them (c) what was above a step earlier. None, Sub and Up are the Paeth
 * filter with some of its inputs taken away. A tenth of what one byte after another takes.
 */
#ifndef Py_GIL_DISABLED
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 4, PAD = 16, BEHIND = 64, ROWS = 2 * LANES };
enum { NONE, SUB, UP, AVERAGE, PAETH };

#if defined(__SSE2__) || defined(_M_X64)
#define FORM "sse2"
#include <immintrin.h>
#ifdef _MSC_VER
#include <intrin.h>
#endif
typedef __m128i Vector;
#define BOTH(x, y) _mm_and_si128(x, y)
#define EITHER(x, y) _mm_xor_si128(x, y)
#define PICK(mask, yes, no) _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no))
#define PLUS(x, y) _mm_add_epi8(x, y)
#define PLUS_LIMITED(x, y) _mm_adds_epu8(x, y)
#define APART(x, y) _mm_or_si128(_mm_subs_epu8(x, y), _mm_subs_epu8(y, x))
#define UP_TO(x, y) _mm_cmpeq_epi8(_mm_min_epu8(x, y), x)
#define LEAST(x, y) _mm_min_epu8(x, y)
#define MEAN(x, y) _mm_sub_epi8(_mm_avg_epu8(x, y), _mm_and_si128(_mm_xor_si128(x, y), _mm_set1_epi8(1)))
#define VECTOR(from) _mm_loadu_si128((const Vector *)(from))
#define PIXELS(w, x, y, z) _mm_set_epi32((int)(z), (int)(y), (int)(x), (int)(w))
#define BELOW(first, v) _mm_or_si128(_mm_slli_si128(v, 4), _mm_cvtsi32_si128((int)(first)))
#define SPREAD(to, v) _mm_storeu_si128((Vector *)(to), v)
#elif defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN)
#define FORM "neon"
#include <arm_neon.h>
typedef uint8x16_t Vector;
#define BOTH(x, y) vandq_u8(x, y)
#define EITHER(x, y) veorq_u8(x, y)
#define PICK(mask, yes, no) vbslq_u8(mask, yes, no)
#define PLUS(x, y) vaddq_u8(x, y)
#define PLUS_LIMITED(x, y) vqaddq_u8(x, y)
#define APART(x, y) vabdq_u8(x, y)
#define UP_TO(x, y) vcleq_u8(x, y)
#define LEAST(x, y) vminq_u8(x, y)
#define MEAN(x, y) vhaddq_u8(x, y)
#define VECTOR(from) vld1q_u8((const uint8_t *)(from))
static inline Vector PIXELS(uint32_t w, uint32_t x, uint32_t y, uint32_t z) {
    uint32x4_t v = vdupq_n_u32(w);
    v = vsetq_lane_u32(x, v, 1);
    v = vsetq_lane_u32(y, v, 2);
    return vreinterpretq_u8_u32(vsetq_lane_u32(z, v, 3));
}
#define BELOW(first, v) vextq_u8(vreinterpretq_u8_u32(vdupq_n_u32(first)), v, 12)
#define SPREAD(to, v) vst1q_u8((uint8_t *)(to), v)
#else
#define FORM "portable"
#endif

#ifdef BOTH
static uint32_t four(const uint8_t *from) {
    uint32_t value;
    memcpy(&value, from, 4);
    return value;
}

static inline Vector paeth(Vector a, Vector b, Vector c) {
    const Vector pa = APART(b, c), pb = APART(a, c);
    const Vector is_between = EITHER(UP_TO(c, a), UP_TO(c, b)); /* c lies between a and b */
    const Vector pc = PICK(is_between, APART(pa, pb), PLUS_LIMITED(pa, pb));
    const Vector least = LEAST(pb, pc);
    return PICK(UP_TO(pa, least), a, PICK(UP_TO(pb, least), b, c));
}

/* LANES rows that are being unfiltered. */
typedef struct {
    const uint8_t *above, *in[LANES];
    uint8_t *out[LANES];
    Vector a, b, has_a, has_b, has_c, has_mean; /* has: all bits of the lanes whose filter looks there */
    int any_mean;
} Group;

static Group begin(const uint8_t *raw, uint8_t *rows, size_t stride, size_t pixel) {
    uint32_t has[4][LANES];
    Group group = {.above = rows + PAD};
    for (size_t lane = 0; lane < LANES; lane++, raw += stride + 1) {
        has[0][lane] = *raw == SUB || *raw == PAETH ? UINT32_MAX : 0;
        has[1][lane] = *raw == UP || *raw == PAETH ? UINT32_MAX : 0;
        has[2][lane] = *raw == PAETH ? UINT32_MAX : 0;
        has[3][lane] = *raw == AVERAGE ? UINT32_MAX : 0;
        group.any_mean |= *raw == AVERAGE;
        group.in[lane] = raw + 1 - lane * pixel;
        group.out[lane] = rows + (lane + 1) * (PAD + stride + PAD) + PAD - lane * pixel;
    }
    group.has_a = VECTOR(has[0]), group.has_b = VECTOR(has[1]), group.has_c = VECTOR(has[2]);
    group.has_mean = VECTOR(has[3]);
    group.a = group.b = EITHER(group.has_a, group.has_a);
    return group;
}

/* The pixels at byte `at` of the first row, one before in the second, and so on. */
static inline void advance(Group *group, size_t at) {
    const Vector a = group->a, c = group->b, b = BELOW(four(group->above + at), a);
    uint32_t pixels[LANES];
    Vector sum = paeth(BOTH(a, group->has_a), BOTH(b, group->has_b), BOTH(c, group->has_c));
    if (group->any_mean)
        sum = PICK(group->has_mean, MEAN(a, b), sum);
    const uint8_t *const *in = group->in;
    group->a = PLUS(sum, PIXELS(four(in[0] + at), four(in[1] + at), four(in[2] + at), four(in[3] + at)));
    group->b = b;
    SPREAD(pixels, group->a);
    for (size_t lane = 0; lane < LANES; lane++)
        memcpy(group->out[lane] + at, pixels + lane, 4); /* the next pixel overwrites a fourth byte of three */
}

/* The first steps: lanes that have not reached their first pixel hold zeros. */
static inline void start(Group *group, size_t pixel) {
    uint32_t started[LANES] = {0};
    for (size_t step = 0; step < LANES - 1; step++) {
        advance(group, step * pixel);
        started[step] = UINT32_MAX;
        group->a = BOTH(group->a, VECTOR(started));
    }
}

/* Undo the filters of 2 * LANES rows. `raw`: each row's number of a filter and its bytes, and PAD bytes to be read
 * behind all. `rows`: the row above and 2 * LANES more, each PAD + stride + PAD bytes; the padding takes what lanes
 * write before their first pixel and behind their last. Two groups at a time hide each other's latency: 0.65 of the
 * time of one after the other. */
static void unfilter(const uint8_t *raw, uint8_t *rows, size_t stride, size_t pixel) {
    const size_t end = stride + (LANES - 1) * pixel, behind = BEHIND * pixel;
    Group one = begin(raw, rows, stride, pixel);
    Group two = begin(raw + LANES * (stride + 1), rows + LANES * (PAD + stride + PAD), stride, pixel);
    size_t at = (LANES - 1) * pixel;
    start(&one, pixel);
    for (; at < end && at < behind; at += pixel)
        advance(&one, at);
    start(&two, pixel);
    size_t at_two = (LANES - 1) * pixel;
    for (; at < end; at += pixel, at_two += pixel) {
        advance(&one, at);
        advance(&two, at_two);
    }
    for (; at_two < end; at_two += pixel)
        advance(&two, at_two);
}
#else
static uint8_t paeth(int a, int b, int c) {
    const int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

static void unfilter(const uint8_t *raw, uint8_t *rows, size_t stride, size_t pixel) {
    const size_t pitch = PAD + stride + PAD;
    for (size_t lane = 0; lane < ROWS; lane++, rows += pitch) {
        const uint8_t *above = rows + PAD, filter = *raw++;
        uint8_t *row = rows + pitch + PAD;
        for (size_t at = 0; at < stride; at++) {
            const int is_first = at < pixel, b = above[at];
            const int a = is_first ? 0 : row[at - pixel], c = is_first ? 0 : above[at - pixel];
            const int sum = filter == SUB ? a : filter == UP ? b : filter == AVERAGE ? (a + b) / 2
                            : filter == PAETH ? paeth(a, b, c) : 0;
            row[at] = (uint8_t)(*raw++ + sum);
        }
    }
}
#endif

/* isal leaves the upper halves of AVX registers dirty: SSE code behind it takes 1.6 times as long. */
static void clear_upper_halves(void) {
#if defined(_M_X64)
    int facts[4];
    __cpuid(facts, 1);
    if ((facts[2] >> 27 & 3) == 3) /* AVX, and a system that saves its registers */
        _mm256_zeroupper();
#elif defined(__x86_64__)
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vzeroupper");
#endif
}

static int unfilter_all(const uint8_t *raw, uint8_t *rows, size_t count, size_t stride, size_t pixel) {
    clear_upper_halves();
    for (size_t row = 0; row < count; row++)
        if (raw[row * (stride + 1)] > PAETH)
            return 0;
    for (size_t row = 0; row < count; row += ROWS)
        unfilter(raw + row * (stride + 1), rows + row * (PAD + stride + PAD), stride, pixel);
    return 1;
}

PyDoc_STRVAR(unfilter_doc,
"unfilter(raw, rows, count, width, channels) -> bool\n\n"
"Undo the filters of `count` rows, a multiple of ROWS, of `width` pixels of 3 or 4 bytes; False if a filter is unknown.\n\n"
"raw: the rows as they come out of zlib, and PAD bytes behind them that do not matter. rows: writable; the row above\n"
"them (zeros for the first), then room for `count` rows, with PAD bytes before and behind each that are overwritten.\n"
"Runs without the GIL. Raises ValueError for buffers that are too small and numbers out of range.");

static PyObject *unfilter_rows(PyObject *Py_UNUSED(module), PyObject *arguments) {
    Py_buffer raw, rows;
    Py_ssize_t count, width, channels;
    if (!PyArg_ParseTuple(arguments, "y*w*nnn:unfilter", &raw, &rows, &count, &width, &channels))
        return NULL;
    int is_known = -1;
    if ((channels == 3 || channels == 4) && width > 0 && width < PY_SSIZE_T_MAX / 64 && count >= 0 && !(count % ROWS)) {
        const Py_ssize_t stride = width * channels;
        /* Divided, as a product might not fit. */
        if (raw.len >= PAD && (raw.len - PAD) / (stride + 1) >= count && rows.len / (PAD + stride + PAD) > count) {
            Py_BEGIN_ALLOW_THREADS
            is_known = unfilter_all(raw.buf, rows.buf, (size_t)count, (size_t)stride, (size_t)channels);
            Py_END_ALLOW_THREADS
        }
    }
    PyBuffer_Release(&raw);
    PyBuffer_Release(&rows);
    if (is_known >= 0)
        return PyBool_FromLong(is_known);
    PyErr_SetString(PyExc_ValueError, "unfilter: a buffer is too small, or a number is out of range");
    return NULL;
}

static PyMethodDef METHODS[] = {{"unfilter", unfilter_rows, METH_VARARGS, unfilter_doc}, {NULL, NULL, 0, NULL}};

static int fill(PyObject *module) {
    return PyModule_AddIntConstant(module, "ROWS", ROWS) || PyModule_AddIntConstant(module, "PAD", PAD) ||
           PyModule_AddStringConstant(module, "FORM", FORM) ? -1 : 0;
}

static PyModuleDef_Slot SLOTS[] = {{Py_mod_exec, fill}, {0, NULL}};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_rows", "The filters of PNG, undone.", 0, METHODS, SLOTS, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__rows(void) {
    return PyModuleDef_Init(&MODULE);
}
