import colorsys
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("old", DeprecationWarning)
    warnings.warn("careful")
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        warnings.warn("now an error", UserWarning)
    except UserWarning as error:
        raised = str(error)
warnings.filterwarnings("ignore", category=ResourceWarning)
[[[w.category.__name__, str(w.message)] for w in caught], raised, [round(c, 3) for c in colorsys.rgb_to_hsv(0.2, 0.4, 0.4)], [round(c, 3) for c in colorsys.hls_to_rgb(0.5, 0.5, 0.5)]]
