"""How the detector errs on rendered people: measured, and drawn again for people never rendered.

`aspect` tells how a body stands to the camera, `face` where its face is, `errors` what is wrong in
what the detector said, `chains` how wrong things go on in time, `episodes` what comes and goes,
`tables` and `fitting` make the model of it that `scripts.studio.noise_model` draws from, and
`checking` holds the two against each other. The fitted models lie here too, one a detector.
"""
