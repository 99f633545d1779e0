; SPDX-License-Identifier: GPL-3.0-or-later
; Opens a photograph, paints it in the style of a painting, and saves the result. Copy it for your scripts.

(define (pastiche-demo photograph painting result)
  (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE photograph photograph)))
         (layer (car (gimp-image-get-active-drawable image)))
         (start (realtime)))
    (plug-in-pastiche RUN-NONINTERACTIVE image layer
                      -1 painting   ; the style: a file (-1: no layer)
                      -1 -1 0 -1    ; alpha, beta, iterations, size: the preset's values
                      ""            ; the default preset
                      0             ; a new layer above the source
                      "")           ; no other settings
    (gimp-message (string-append "The filter took " (number->string (- (realtime) start)) " s."))
    (gimp-file-save RUN-NONINTERACTIVE image (car (gimp-image-flatten image)) result result)
    (gimp-image-delete image)))
