; SPDX-License-Identifier: GPL-3.0-or-later
; demo.scm for GIMP 3: opens a photograph, paints it in the style of a painting, and saves the result.
(script-fu-use-v3)

(define (pastiche-demo photograph painting result)
  (let* ((image (gimp-file-load RUN-NONINTERACTIVE photograph))
         (start (realtime)))
    (plug-in-pastiche #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (gimp-image-get-layers image)
                      #:style-file painting)    ; the rest: defaults; the result is a layer above the source
    (gimp-message (string-append "The filter took " (number->string (- (realtime) start)) " s."))
    (gimp-file-save RUN-NONINTERACTIVE image result -1)
    (gimp-image-delete image)))
