; SPDX-License-Identifier: GPL-3.0-or-later
; Paints a photograph small in GIMP 3. small-2.scm does the same in GIMP 2.10; the pixels must be equal.
(script-fu-use-v3)

(define (pastiche-small photograph painting result)
  (let ((image (gimp-file-load RUN-NONINTERACTIVE photograph)))
    (plug-in-pastiche #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (gimp-image-get-layers image)
                      #:style-file painting #:iterations 20 #:size 160 #:output "in-place"
                      #:settings "{\"seed\": 7, \"init\": \"noise\"}")
    (gimp-file-save RUN-NONINTERACTIVE image result -1)
    (gimp-image-delete image)))
