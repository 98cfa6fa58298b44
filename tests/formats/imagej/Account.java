import ij.ImagePlus;
import ij.gui.EllipseRoi;
import ij.gui.ImageRoi;
import ij.gui.Line;
import ij.gui.PointRoi;
import ij.gui.Roi;
import ij.gui.RotatedRectRoi;
import ij.gui.TextRoi;
import ij.measure.Calibration;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import java.awt.Point;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/** Lines of JSON, as in the manifest of the corpus, about what ImageJ holds. */
final class Account {
    private Account() {}

    /** A line of the manifest about an image. */
    static String of(String file, String format, String made, ImagePlus image) throws Exception {
        int channels = image.getNChannels();
        int slices = image.getNSlices();
        int frames = image.getNFrames();
        boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
        ByteArrayOutputStream samples = new ByteArrayOutputStream();
        StringBuilder labels = new StringBuilder();
        boolean labelled = false;
        for (int t = 1; t <= frames; t++) {
            for (int z = 1; z <= slices; z++) {
                for (int c = 1; c <= channels; c++) {
                    int plane = image.getStackIndex(c, z, t);
                    append(samples, image.getStack().getProcessor(plane));
                    String label = image.getStack().getSliceLabel(plane);
                    labelled |= label != null && !label.isEmpty();
                    labels.append(labels.length() > 0 ? "," : "").append(quoted(label == null ? "" : label));
                }
            }
        }
        String type = rgb || image.getBitDepth() == 8 ? "U8" : image.getBitDepth() == 16 ? "U16" : "F32";
        return "{\"file\":" + quoted(file) + ",\"format\":" + quoted(format) + ",\"made\":" + quoted(made)
                + ",\"shape\":[" + frames + "," + slices + "," + (rgb ? 3 : channels) + "," + image.getHeight() + ","
                + image.getWidth() + "],\"type\":\"" + type + "\",\"rgb\":" + rgb + ",\"sha256\":\"" + hash(samples.toByteArray())
                + "\",\"calibration\":" + of(image.getCalibration(), slices > 1)
                + ",\"slice_labels\":[" + (labelled ? labels : "") + "]"
                + ",\"range\":[" + image.getDisplayRangeMin() + "," + image.getDisplayRangeMax() + "]}";
    }

    /** Samples with the lowest byte first; colours one after another. */
    static void append(ByteArrayOutputStream samples, ImageProcessor plane) {
        if (plane instanceof ColorProcessor) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                for (int pixel : (int[]) plane.getPixels()) {
                    samples.write(pixel >> shift);
                }
            }
            return;
        }
        for (int i = 0; i < plane.getPixelCount(); i++) {
            int bits = plane instanceof FloatProcessor ? Float.floatToRawIntBits(plane.getf(i)) : plane.get(i);
            for (int shift = 0; shift < plane.getBitDepth(); shift += 8) {
                samples.write(bits >> shift);
            }
        }
    }

    /** ImageJ has no unknown sizes: they are 1, and 0 between frames. */
    static String of(Calibration of, boolean stack) {
        String unit = of.getUnit();
        boolean known = of.scaled() && !unit.startsWith("pixel");
        if (unit.equals("micron") || unit.equals("um")) {
            unit = "\u00b5m";
        }
        double second = of.getTimeUnit().startsWith("ms") ? 1e-3 : of.getTimeUnit().startsWith("min") ? 60 : 1;
        StringBuilder out = new StringBuilder("{");
        if (known) {
            out.append("\"x\":").append(of.pixelWidth).append(",\"y\":").append(of.pixelHeight);
            out.append(",\"unit\":").append(quoted(unit));
            if (stack && of.pixelDepth != 1) {
                out.append(",\"z\":").append(of.pixelDepth);
            }
        }
        if (of.frameInterval > 0) {
            out.append(known ? "," : "").append("\"frame_interval\":").append(of.frameInterval * second);
        }
        return out.append("}").toString();
    }

    /** A line of the manifest about outlines in a plane of this size. */
    static String of(String file, List<Roi> rois, int height, int width) throws Exception {
        return "{\"file\":" + quoted(file) + ",\"format\":\"ImageJ outlines\",\"made\":\"ImageJ\",\"reads\":\"outlines\","
                + painted(rois, height, width) + "}";
    }

    static String painted(List<Roi> rois, int height, int width) throws Exception {
        byte[] ids = new byte[4 * height * width];
        StringBuilder all = new StringBuilder();
        boolean filled = true;
        for (int number = 0; number < rois.size(); number++) {
            Roi roi = rois.get(number);
            byte[] mask = new byte[height * width];
            for (Point p : noted(roi) ? new Point[0] : roi.getContainedPoints()) {
                if (p.x >= 0 && p.y >= 0 && p.x < width && p.y < height) {
                    mask[p.y * width + p.x] = 1;
                    ids[4 * (p.y * width + p.x)] = (byte) (number + 1);
                }
            }
            // A straight line is filled by a rule of its own: see Outline::runs.
            String pixels = roi instanceof Line ? "" : hash(mask);
            filled &= !pixels.isEmpty();
            // Without channel, slice and frame, ImageJ answers the plane of the stack when it is asked for the slice.
            boolean hyper = roi.hasHyperStackPosition();
            int[] position = {0, roi.getCPosition(), roi.getZPosition(), roi.getTPosition()};
            if (!hyper) {
                position = new int[] {roi.getPosition(), 0, 0, 0};
            }
            all.append(number > 0 ? "," : "").append("{\"kind\":\"").append(kind(roi)).append("\",\"name\":");
            all.append(roi.getName() == null ? "null" : quoted(roi.getName())).append(",\"group\":").append(roi.getGroup());
            all.append(",\"position\":").append(Arrays.toString(position)).append(",\"stroke_width\":");
            all.append(roi instanceof PointRoi ? 0.0 : roi.getStrokeWidth());
            all.append(",\"sha256\":\"").append(pixels).append("\"}");
        }
        return "\"shape\":[1,1,1," + height + "," + width + "],\"sha256\":\"" + (filled ? hash(ids) : "")
                + "\",\"outlines\":[" + all + "]";
    }

    static boolean noted(Roi roi) {
        return roi instanceof TextRoi || roi instanceof ImageRoi;
    }

    static String kind(Roi roi) {
        if (noted(roi)) {
            return "note";
        }
        if (roi instanceof EllipseRoi) {
            return "ellipse";
        }
        if (roi instanceof RotatedRectRoi) {
            return "rotated rectangle";
        }
        switch (roi.getType()) {
            case Roi.RECTANGLE: return "rectangle";
            case Roi.OVAL: return "oval";
            case Roi.POLYGON: return "polygon";
            case Roi.FREEROI: return "freehand";
            case Roi.TRACED_ROI: return "traced";
            case Roi.LINE: return "line";
            case Roi.POLYLINE: return "polyline";
            case Roi.FREELINE: return "freeline";
            case Roi.ANGLE: return "angle";
            case Roi.COMPOSITE: return "composite";
            case Roi.POINT: return "points";
            default: return "type " + roi.getType();
        }
    }

    static String hash(byte[] bytes) throws Exception {
        StringBuilder out = new StringBuilder();
        for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
            out.append(String.format("%02x", b));
        }
        return out.toString();
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            out.append(c < ' ' || c > '~' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.append("\"").toString();
    }
}
