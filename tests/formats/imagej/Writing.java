import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.Arrow;
import ij.gui.EllipseRoi;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.Overlay;
import ij.gui.PointRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.RotatedRectRoi;
import ij.gui.ShapeRoi;
import ij.io.FileSaver;
import ij.io.RoiEncoder;
import ij.measure.Calibration;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ImageProcessor;
import ij.process.LUT;
import ij.process.ShortProcessor;
import java.awt.Color;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files that ImageJ writes, and their manifest: {@code Writing FOLDER}. */
public final class Writing {
    private static final int HEIGHT = 29;
    private static final int WIDTH = 37;

    public static void main(String[] arguments) throws Exception {
        new Writing(Paths.get(arguments[0])).write();
    }

    private final Path folder;
    private final List<String> manifest = new ArrayList<>();

    private Writing(Path folder) {
        this.folder = folder;
    }

    private void write() throws Exception {
        Files.createDirectories(folder);
        images();
        outlines();
        Files.write(folder.resolve("manifest.jsonl"), manifest, StandardCharsets.UTF_8);
    }

    private void images() throws Exception {
        save("byte", calibrated(stack(8, 1, 1, 1), "um", 0.325, 0.325, 1, 0), true);
        save("short_z", labelled(calibrated(stack(16, 1, 5, 1), "micron", 0.1, 0.2, 1.5, 0)), true);
        save("float_t", calibrated(stack(32, 1, 1, 3), "nm", 62.5, 62.5, 1, 2.5), true);
        save("short_hyper", labelled(calibrated(stack(16, 2, 3, 2), "mm", 0.001, 0.001, 0.002, 30)), true);
        save("float_hyper", stack(32, 3, 2, 2), true);
        save("byte_channels", stack(8, 4, 1, 1), true);
        save("inch", calibrated(stack(8, 1, 2, 1), "inch", 0.004, 0.004, 0.01, 0), true);
        ImagePlus minutes = calibrated(stack(8, 1, 1, 4), "\u00b5m", 2, 2, 1, 1.5);
        minutes.getCalibration().setTimeUnit("min");
        save("minutes", minutes, true);
        save("rgb", stack(24, 1, 1, 1), true);
        save("rgb_z", calibrated(stack(24, 1, 3, 1), "cm", 0.5, 0.5, 2, 0), true);
        CompositeImage composite = new CompositeImage(stack(16, 3, 2, 1), CompositeImage.COMPOSITE);
        for (int c = 1; c <= 3; c++) {
            composite.setC(c);
            composite.setChannelLut(LUT.createLutFromColor(new Color[] {Color.red, Color.green, Color.cyan}[c - 1]));
        }
        save("composite", composite, true);
        ImagePlus inverted = stack(8, 1, 1, 1);
        inverted.getProcessor().invertLut();
        save("inverted_lut", inverted, true);
        ImagePlus fire = stack(8, 1, 2, 1);
        fire.getProcessor().setColorModel(LUT.createLutFromColor(Color.magenta));
        fire.getStack().setColorModel(fire.getProcessor().getColorModel());
        save("colour_lut", fire, true);
        save("picture", stack(8, 1, 1, 1), false);
        save("picture16", stack(16, 1, 1, 1), false);
        save("picture_rgb", stack(24, 1, 1, 1), false);
        ImagePlus drawn = calibrated(stack(16, 2, 3, 1), "um", 0.5, 0.5, 1, 0);
        Roi selection = new PolygonRoi(new int[] {2, 30, 20, 5}, new int[] {1, 6, 25, 20}, 4, Roi.POLYGON);
        drawn.setRoi(described(selection, "selection", 3));
        Overlay overlay = new Overlay();
        Roi oval = described(new OvalRoi(4, 5, 20, 15), "oval", 2);
        oval.setPosition(1, 2, 1);
        overlay.add(oval);
        overlay.add(described(new Roi(20, 3, 9, 11), "box", 0));
        drawn.setOverlay(overlay);
        save("with_outlines", drawn, true);
        List<Roi> all = new ArrayList<>();
        all.add(overlay.get(0));
        all.add(overlay.get(1));
        // The overlay is meant before the selection. Of a stack: positions decide where each is painted, so only the outlines by
        // themselves are compared.
        String told = Account.painted(all, HEIGHT, WIDTH).replaceFirst("\"sha256\":\"[0-9a-f]*\"", "\"sha256\":\"\"");
        manifest.add("{\"file\":\"with_outlines.tif\",\"format\":\"ImageJ outlines in a TIFF\",\"made\":\"ImageJ\","
                + "\"reads\":\"outlines\"," + told + "}");
    }

    private void outlines() throws Exception {
        List<Roi> rois = new ArrayList<>();
        rois.add(new PolygonRoi(new int[] {2, 32, 29, 1}, new int[] {1, 3, 20, 26}, 4, Roi.POLYGON));
        rois.add(new PolygonRoi(new float[] {1.25f, 33.5f, 14.75f}, new float[] {2.5f, 0.125f, 27.75f}, 3, Roi.POLYGON));
        rois.add(new PolygonRoi(new int[] {3, 15, 28, 31, 22, 9, 6, 2}, new int[] {2, 1, 2, 14, 27, 19, 18, 16}, 8, Roi.FREEROI));
        rois.add(new PolygonRoi(new int[] {2, 17, 17, 31, 31, 2}, new int[] {3, 3, 16, 16, 20, 20}, 6, Roi.TRACED_ROI));
        rois.add(new Roi(3, 2, 19, 17));
        rois.add(new Roi(2.5, 1.25, 16.75, 15.5));
        rois.add(new Roi(1, 1, 33, 19, 9));
        rois.add(new OvalRoi(2, 1, 31, 18));
        rois.add(new OvalRoi(2.25, 1.5, 17.5, 19.75));
        rois.add(new EllipseRoi(2, 3, 33.5, 18, 0.5));
        rois.add(new RotatedRectRoi(3, 12.5, 32, 18, 5));
        rois.add(new ShapeRoi(new Roi(1, 1, 33, 19)).not(new ShapeRoi(new OvalRoi(4, 3, 16, 15))));
        rois.add(new ShapeRoi(new OvalRoi(1, 1, 12, 12)).or(new ShapeRoi(new Roi(20, 14, 9, 8))));
        rois.add(stroked(new Line(2, 3, 31.5, 18), 3));
        rois.add(stroked(new Arrow(2, 3, 31, 18), 2));
        rois.add(stroked(new PolygonRoi(new int[] {2, 18, 32}, new int[] {2, 19, 3}, 3, Roi.POLYLINE), 2.5));
        rois.add(new PolygonRoi(new float[] {1.5f, 13.25f, 27, 32.5f}, new float[] {2, 14.5f, 5.25f, 20}, 4, Roi.FREELINE));
        rois.add(new PolygonRoi(new int[] {2, 3, 32}, new int[] {19, 2, 18}, 3, Roi.ANGLE));
        rois.add(new PointRoi(5, 6));
        rois.add(new PointRoi(new float[] {1, 14.5f, 29.25f}, new float[] {2, 17.75f, 3.5f}, 3));
        for (int number = 0; number < rois.size(); number++) {
            String called = number % 3 == 0 ? "Zelle " + number + " \u00b5\u7d30" : "cell " + number;
            Roi roi = described(rois.get(number), called, number * 13);
            if (number % 4 == 1) {
                roi.setPosition(1 + number % 2, 1 + number % 3, 1 + number % 5);
            } else if (number % 4 == 2) {
                roi.setPosition(number);
            }
            String name = String.format("%02d_%s.roi", number, Account.kind(roi).replace(' ', '_'));
            Files.write(folder.resolve(name), bytes(roi));
            manifest.add(Account.of(name, Collections.singletonList(roi), HEIGHT, WIDTH));
        }
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("RoiSet.zip")))) {
            for (Roi roi : rois) {
                roi.setPosition(0);
                zip.putNextEntry(new ZipEntry(roi.getName() + ".roi"));
                zip.write(bytes(roi));
                zip.closeEntry();
            }
        }
        manifest.add(Account.of("RoiSet.zip", rois, HEIGHT, WIDTH));
    }

    /** As from ImageJ's tools. Rotated rectangles that a program makes, not a hand, are saved as plain polygons. */
    private static byte[] bytes(Roi roi) {
        byte[] bytes = RoiEncoder.saveAsByteArray(roi);
        if (roi instanceof RotatedRectRoi) {
            bytes[6] = 7;
        }
        return bytes;
    }

    private void save(String name, ImagePlus image, boolean tiff) throws Exception {
        String file = name + (tiff ? ".tif" : ".png");
        String path = new File(folder.toFile(), file).getPath();
        FileSaver saver = new FileSaver(image);
        boolean stack = image.getStackSize() > 1;
        boolean saved = !tiff ? saver.saveAsPng(path) : stack ? saver.saveAsTiffStack(path) : saver.saveAsTiff(path);
        if (!saved) {
            throw new IOException(path + " was not saved");
        }
        manifest.add(Account.of(file, tiff ? "ImageJ TIFF by ImageJ" : "PNG by ImageJ", "ImageJ", image));
    }

    private static ImagePlus stack(int bits, int channels, int slices, int frames) {
        ImageStack stack = new ImageStack(WIDTH, HEIGHT);
        for (int plane = 0; plane < channels * slices * frames; plane++) {
            ImageProcessor ip = bits == 8 ? new ByteProcessor(WIDTH, HEIGHT)
                    : bits == 16 ? new ShortProcessor(WIDTH, HEIGHT)
                    : bits == 24 ? new ColorProcessor(WIDTH, HEIGHT) : new FloatProcessor(WIDTH, HEIGHT);
            for (int i = 0; i < ip.getPixelCount(); i++) {
                int number = (i * 7919 + plane * 104729) * 31;
                if (bits == 32) {
                    ip.setf(i, (number % 100003) / 7f);
                } else {
                    ip.set(i, bits == 24 ? number & 0xffffff : number & ((1 << bits) - 1));
                }
            }
            stack.addSlice(ip);
        }
        ImagePlus image = new ImagePlus("", stack);
        image.setDimensions(channels, slices, frames);
        image.setOpenAsHyperStack(channels * slices * frames > 1);
        return image;
    }

    private static ImagePlus calibrated(ImagePlus image, String unit, double x, double y, double z, double interval) {
        Calibration calibration = image.getCalibration();
        calibration.setUnit(unit);
        calibration.pixelWidth = x;
        calibration.pixelHeight = y;
        calibration.pixelDepth = z;
        calibration.frameInterval = interval;
        return image;
    }

    private static ImagePlus labelled(ImagePlus image) {
        for (int plane = 1; plane <= image.getStackSize(); plane++) {
            image.getStack().setSliceLabel("slice " + plane + " \u03b1\u7d30", plane);
        }
        return image;
    }

    private static Roi described(Roi roi, String name, int group) {
        double width = roi.getStrokeWidth();
        roi.setName(name);
        roi.setGroup(group);
        roi.setStrokeWidth(width);
        return roi;
    }

    private static Roi stroked(Roi roi, double width) {
        roi.setStrokeWidth(width);
        return roi;
    }
}
