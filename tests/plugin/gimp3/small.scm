; SPDX-License-Identifier: GPL-3.0-or-later
; Paints a photograph small in GIMP 3, with these settings (JSON). small-2.scm does the same in GIMP 2.10.
(script-fu-use-v3)

(define (pastiche-small photograph painting settings result)
  (let ((image (gimp-file-load RUN-NONINTERACTIVE photograph)))
    (plug-in-pastiche #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (gimp-image-get-layers image)
                      #:style-file painting #:iterations 5 #:size 160 #:output "in-place"
                      #:settings settings)
    (gimp-file-save RUN-NONINTERACTIVE image result -1)
    (gimp-image-delete image)))
